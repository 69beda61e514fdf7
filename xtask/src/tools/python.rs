//! Tools from PyPI, in the project's own Python environment.

use std::path::PathBuf;

use super::apt;
use super::versions::Tool;
use crate::command::{Failure, Result, Run};
use crate::project::Project;

/// Installs Python with `venv` when that needs no prompt: as root on Debian.
pub(crate) fn find_or_install(project: &Project) -> Result {
    if project.program("python3").words("-c").arg("import venv, ensurepip").probe().is_some() {
        return Ok(());
    }
    if !apt::is_allowed(project) {
        return Err(Failure::new("Python 3.10 or newer with venv: install it (on Debian: python3-venv)"));
    }
    eprintln!("Installing Python's venv with apt-get: half a minute.");
    apt::install(project, "python3-venv")
}

/// Installs a tool. `program` is its command, which prints its version.
pub(crate) fn install(project: &Project, tool: &Tool, program: &str) -> Result {
    let (name, version) = (tool.name, tool.version());
    let found = self::program(project, program).arg("--version").probe().unwrap_or_default();
    if found.split_whitespace().any(|word| word == version) {
        return Ok(());
    }
    eprintln!("Installing {name} {version}: about half a minute.");
    let python = ["python3", "python"].into_iter().find(|name| project.which(name).is_some());
    let python = python
        .ok_or_else(|| Failure::new("Python 3.10 or newer is missing; install it from https://www.python.org"))?;
    project
        .program(python)
        .words("-m venv")
        .arg(environment(project))
        .run()
        .map_err(|failure| Failure::new(format!("{failure}; on Debian, run `apt-get install python3-venv`")))?;
    let package = format!("{name}=={version}");
    self::program(project, "pip").words("install --quiet --disable-pip-version-check").arg(package).run()
}

fn environment(project: &Project) -> PathBuf {
    project.at("target/xtask/python")
}

/// A program installed in that environment.
pub(crate) fn program(project: &Project, name: &str) -> Run {
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    Run::new(environment(project).join(programs).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}
