//! The other browser engines that the package is checked in: Firefox, and WebKitGTK in place of Safari.

use super::apt;
use super::versions::GECKODRIVER;
use crate::command::Result;
use crate::project::Project;

/// Needed programs, each with its alternative names and the Debian package that has it.
const PROGRAMS: [(&[&str], &str); 3] =
    [(&["firefox-esr", "firefox"], "firefox-esr"), (&["WebKitWebDriver"], "webkit2gtk-driver"), (&["Xvfb"], "xvfb")];

/// Installs the missing engines when that needs no prompt, and otherwise says how: the checks skip an engine that is not
/// installed.
pub(crate) fn install(project: &Project) -> Result {
    let missing = missing(project).join(" ");
    if !missing.is_empty() && apt::is_allowed(project) {
        eprintln!("Installing {missing} with apt-get: about a minute.");
        apt::install(project, &missing)?;
    } else if !missing.is_empty() {
        eprintln!(
            "Some engines are not installed, and `cargo xtask npm --check` will skip them. On Debian, as root: `{}`.",
            apt::by_hand(&missing)
        );
    }
    if project.which("firefox-esr").or_else(|| project.which("firefox")).is_none()
        || super::has(project, GECKODRIVER.name, &GECKODRIVER.version())
    {
        return Ok(());
    }
    super::install(project, &GECKODRIVER, &["--locked"], "0", "about 2 minutes")
}

/// Returns the Debian packages of the engines that are not installed.
fn missing(project: &Project) -> Vec<&'static str> {
    let is_missing = |names: &[&str]| names.iter().all(|name| project.which(name).is_none());
    PROGRAMS.iter().filter(|(names, _)| is_missing(names)).map(|(_, package)| *package).collect()
}
