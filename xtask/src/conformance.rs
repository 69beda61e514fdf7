//! Checks the sandbox against its own OpenAPI document: Schemathesis generates valid and invalid requests, single and in
//! sequences, and checks every response.

use crate::command::{Failure, Result, Run};
use crate::project::Project;
use crate::sandbox::{API_KEY, Sandbox};
use crate::versions::SCHEMATHESIS;

/// Default number of requests for each operation and phase.
const EXAMPLES: u32 = 500;

/// Number of requests for each operation and phase in `cargo xtask test`.
pub(crate) const FEW_EXAMPLES: u32 = 40;

/// Runs `cargo xtask conformance [--examples N]`.
pub(crate) fn command(project: &Project, args: &[String]) -> Result {
    let examples = match args {
        [] => EXAMPLES,
        [flag, number] if flag == "--examples" => {
            number.parse().map_err(|_| Failure::new(format!("--examples needs a number, not {number:?}")))?
        }
        _ => return Err(Failure::new("conformance takes --examples N and nothing else")),
    };
    run(project, examples)
}

/// Runs every check against a sandbox without rate limits.
pub(crate) fn run(project: &Project, examples: u32) -> Result {
    install(project)?;
    project.cargo().words("build --quiet --package cr3dentials-sandbox").run()?;
    let options = ["--rate-limit", "4000000000", "--switch", "createLimit=null", "--speed", "20"];
    let sandbox = Sandbox::start(&project.built("cr3dentials-sandbox"), &options)?;
    let folder = project.at("tests/conformance");
    tool(project, "st")
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .words("run --checks all --no-color --generation-database none --max-examples")
        .arg(examples.to_string())
        .arg(format!("{}/openapi.json", sandbox.origin()))
        .dir(project.at("target/xtask"))
        .env("CR3D_SANDBOX_KEY", API_KEY)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
}

/// Installs Schemathesis in its own Python environment.
pub(crate) fn install(project: &Project) -> Result {
    let version = SCHEMATHESIS.version();
    let found = tool(project, "st").arg("--version").probe().unwrap_or_default();
    if found.split_whitespace().any(|word| word == version) {
        return Ok(());
    }
    eprintln!("Installing Schemathesis {version}: about half a minute.");
    let python = ["python3", "python"].into_iter().find(|name| project.which(name).is_some());
    let python = python
        .ok_or_else(|| Failure::new("Python 3.10 or newer is missing; install it from https://www.python.org"))?;
    project
        .program(python)
        .words("-m venv")
        .arg(environment(project))
        .run()
        .map_err(|failure| Failure::new(format!("{failure}; on Debian, run `apt-get install python3-venv`")))?;
    let package = format!("schemathesis=={version}");
    tool(project, "pip").words("install --quiet --disable-pip-version-check").arg(package).run()
}

fn environment(project: &Project) -> std::path::PathBuf {
    project.at("target/xtask/python")
}

/// A program installed in that environment.
fn tool(project: &Project, name: &str) -> Run {
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    Run::new(environment(project).join(programs).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}
