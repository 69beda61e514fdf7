use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::command::{Failure, Result};
use crate::project::Project;

/// What shows that a part is up.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) url: String,
    /// Whether any answer will do; else it must be a success.
    pub(crate) any: bool,
    /// What to say when it answers with an error.
    pub(crate) else_say: &'static str,
}

/// Waits for a part to answer.
pub(crate) struct Waiting<'a> {
    name: &'a str,
    probe: &'a Probe,
    deadline: Instant,
    agent: Agent,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(name: &'a str, probe: &'a Probe, patience: Duration) -> Self {
        Self { name, probe, deadline: Instant::now() + patience, agent: agent() }
    }

    /// Whether it answers. An error when it answers with one, or not in time.
    pub(crate) fn is_over(&mut self) -> Result<bool> {
        match self.agent.get(&self.probe.url).call() {
            Ok(response) if self.probe.any || response.status().is_success() => Ok(true),
            Ok(response) => {
                Err(Failure::new(format!("the {} answers {}: {}", self.name, response.status(), self.probe.else_say)))
            }
            Err(_) if Instant::now() < self.deadline => Ok(false),
            Err(error) => Err(Failure::new(format!("the {} does not answer: {error}", self.name))),
        }
    }
}

/// A client for this machine: impatient, and never through anybody's proxy.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

/// Opens the user's browser where there is one. That is a courtesy: no failure is told.
pub(crate) fn open_in_browser(project: &Project, url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let has_display =
        cfg!(target_os = "macos") || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if let Some(program) = project.which(opener).filter(|_| has_display) {
        let _ = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}
