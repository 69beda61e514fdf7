use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::command::{Failure, Result};
use crate::project::Project;

/// Request that shows that a program is up.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) url: String,
    /// True if a response of any status counts; else it must be a success.
    pub(crate) any_status: bool,
    /// Added to the error message when the response is an error.
    pub(crate) error_hint: &'static str,
}

/// Waits until a program responds.
pub(crate) struct Waiting<'a> {
    name: &'a str,
    probe: &'a Probe,
    deadline: Instant,
    agent: Agent,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(name: &'a str, probe: &'a Probe, timeout: Duration) -> Self {
        Self { name, probe, deadline: Instant::now() + timeout, agent: agent() }
    }

    /// Returns true once the program responds. Fails on an error response, and when the timeout has passed.
    pub(crate) fn is_up(&mut self) -> Result<bool> {
        match self.agent.get(&self.probe.url).call() {
            Ok(response) if self.probe.any_status || response.status().is_success() => Ok(true),
            Ok(response) => Err(Failure::new(format!(
                "the {} responds with {}: {}",
                self.name,
                response.status(),
                self.probe.error_hint
            ))),
            Err(_) if Instant::now() < self.deadline => Ok(false),
            Err(error) => Err(Failure::new(format!("the {} does not respond: {error}", self.name))),
        }
    }
}

/// Returns an HTTP client for this machine, with a short timeout and never through an HTTP proxy.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

/// Opens the user's browser if there is one. A convenience only: failures are ignored.
pub(crate) fn open_in_browser(project: &Project, url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let has_display =
        cfg!(target_os = "macos") || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if let Some(program) = project.which(opener).filter(|_| has_display) {
        let _ = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}
