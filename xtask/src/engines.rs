//! The other engines that the package is checked in: Firefox, and WebKitGTK for Safari's.

use crate::apt;
use crate::command::Result;
use crate::project::Project;
use crate::setup;
use crate::versions::GECKODRIVER;

/// What is needed, any of the names, and the Debian package that has it.
const PROGRAMS: [(&[&str], &str); 3] =
    [(&["firefox-esr", "firefox"], "firefox-esr"), (&["WebKitWebDriver"], "webkit2gtk-driver"), (&["Xvfb"], "xvfb")];

/// Brings the engines where that can be done without asking anybody, and names them where not: the checks skip an
/// engine that a person's machine lacks.
pub(crate) fn bring(project: &Project) -> Result {
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
        || setup::has(project, GECKODRIVER.name, &GECKODRIVER.version())
    {
        return Ok(());
    }
    setup::install(project, &GECKODRIVER, &["--locked"], "0", "about 2 minutes")
}

/// The Debian packages of what is not there.
fn missing(project: &Project) -> Vec<&'static str> {
    let is_missing = |names: &[&str]| names.iter().all(|name| project.which(name).is_none());
    PROGRAMS.iter().filter(|(names, _)| is_missing(names)).map(|(_, package)| *package).collect()
}
