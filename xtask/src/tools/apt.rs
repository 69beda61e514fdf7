//! Debian packages, installed without a prompt when running as root.

use super::browser::is_root;
use crate::command::Result;
use crate::project::Project;

/// Returns the command that installs `packages` (names separated by spaces), for a user to run by hand.
pub(crate) fn by_hand(packages: &str) -> String {
    format!("apt-get install -y --no-install-recommends {packages}")
}

/// Returns true if this process can install packages: it runs as root and `apt-get` exists.
pub(crate) fn is_allowed(project: &Project) -> bool {
    is_root(project) && project.which("apt-get").is_some()
}

/// Installs `packages`.
pub(crate) fn install(project: &Project, packages: &str) -> Result {
    let apt = |words: &str| project.program("apt-get").words(words).env("DEBIAN_FRONTEND", "noninteractive").run();
    apt("update -qq")?;
    apt(&by_hand(packages)["apt-get ".len()..])
}
