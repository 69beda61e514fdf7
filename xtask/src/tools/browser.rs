use std::path::PathBuf;

use super::apt;
use crate::command::{Failure, Result};
use crate::project::Project;

const DEBIAN: &str = "chromium chromium-driver";

/// Chromium and its driver.
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Browser {
    /// Returns the browser to test with: from `CHROME` and `CHROMEDRIVER` when they are set, else the installed one.
    ///
    /// # Errors
    /// Fails when there is none; the message says how to install one.
    pub(crate) fn find(project: &Project) -> Result<Self> {
        let chrome = named("CHROME")?.or_else(|| {
            let mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
            ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
                .iter()
                .find_map(|name| project.which(name))
                .or_else(|| Some(PathBuf::from(mac)).filter(|file| file.is_file()))
        });
        let driver = named("CHROMEDRIVER")?.or_else(|| project.which("chromedriver"));
        match (chrome, driver) {
            (Some(chrome), Some(driver)) => Ok(Self { chrome, driver }),
            (chrome, driver) => {
                let missing = match (chrome, driver) {
                    (None, None) => "Chromium and chromedriver are",
                    (None, _) => "Chromium is",
                    _ => "chromedriver is",
                };
                Err(Failure::new(format!(
                    "{missing} not installed. On Debian: `{}` as root. Elsewhere install Chrome and the chromedriver of the \
                     same version, or set CHROME and CHROMEDRIVER to where they are.",
                    apt::by_hand(DEBIAN)
                )))
            }
        }
    }

    /// Finds the browser, and installs it when that needs no prompt: as root on Debian.
    pub(crate) fn find_or_install(project: &Project) -> Result<Self> {
        let missing = match Self::find(project) {
            Ok(browser) => return Ok(browser),
            Err(missing) => missing,
        };
        if std::env::var_os("CHROME").is_some() || !apt::is_allowed(project) {
            return Err(missing);
        }
        eprintln!("Installing Chromium and its driver with apt-get: about a minute.");
        apt::install(project, DEBIAN)?;
        Self::find(project)
    }
}

/// Returns true if we run as root: then apt-get may be used, and Chromium needs `--no-sandbox`.
pub(crate) fn is_root(project: &Project) -> bool {
    cfg!(unix) && project.program("id").arg("-u").probe().as_deref() == Some("0")
}

fn named(variable: &str) -> Result<Option<PathBuf>> {
    match std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(file) if !file.is_file() => {
            Err(Failure::new(format!("{variable} is {}, which is not a file", file.display())))
        }
        file => Ok(file),
    }
}
