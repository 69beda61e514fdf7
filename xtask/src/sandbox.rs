use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::command::{Failure, Result};

/// A sandbox process on its own port. It ends when this is dropped.
pub(crate) struct Sandbox {
    child: Child,
    /// Base URL of its API: `http://127.0.0.1:PORT/v1`.
    pub(crate) base_url: String,
}

/// API key that the sandbox accepts.
pub(crate) const API_KEY: &str = "sandbox-key";

impl Sandbox {
    /// Starts `program` and waits until it prints its base URL.
    pub(crate) fn start(program: &Path, options: &[&str]) -> Result<Self> {
        let unable = |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", program.display()));
        let mut child = Command::new(program)
            .args(["--listen", "127.0.0.1:0", "--api-key", API_KEY])
            .args(options)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| unable(&error))?;
        let output = child.stdout.take().map(BufReader::new);
        let mut sandbox = Self { child, base_url: String::new() };
        for line in output.into_iter().flat_map(BufRead::lines).map_while(std::result::Result::ok) {
            if let Some(url) = line.trim().strip_prefix("base URL") {
                url.trim().clone_into(&mut sandbox.base_url);
                return Ok(sandbox);
            }
        }
        Err(unable(&"it exited before it printed its base URL"))
    }

    /// Origin of everything the sandbox serves.
    pub(crate) fn origin(&self) -> &str {
        self.base_url.trim_end_matches("/v1")
    }

    /// Resident memory of the process in bytes; `None` where the system does not report it.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have exited already, which is the goal.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
