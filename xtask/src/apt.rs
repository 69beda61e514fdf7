//! Debian's packages, where they can be had without asking anybody: as root.

use crate::browser::is_root;
use crate::command::Result;
use crate::project::Project;

/// What brings `packages` (names with spaces between them), for whoever has to do it by hand.
pub(crate) fn by_hand(packages: &str) -> String {
    format!("apt-get install -y --no-install-recommends {packages}")
}

/// Whether packages can be installed from here.
pub(crate) fn is_allowed(project: &Project) -> bool {
    is_root(project) && project.which("apt-get").is_some()
}

/// Installs `packages`.
pub(crate) fn install(project: &Project, packages: &str) -> Result {
    let apt = |words: &str| project.program("apt-get").words(words).env("DEBIAN_FRONTEND", "noninteractive").run();
    apt("update -qq")?;
    apt(&by_hand(packages)["apt-get ".len()..])
}
