//! Checks the sandbox against its own OpenAPI document: Schemathesis generates valid and invalid requests, single and in
//! sequences, and checks every response.

use crate::command::{Failure, Result};
use crate::project::Project;
use crate::sandbox::{API_KEY, Sandbox};
use crate::tools::python;
use crate::tools::versions::SCHEMATHESIS;

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
    python::install(project, &SCHEMATHESIS, "st")?;
    project.cargo().words("build --quiet --package cr3dentials-sandbox").run()?;
    let options = ["--rate-limit", "4000000000", "--switch", "createLimit=null", "--speed", "20"];
    let sandbox = Sandbox::start(&project.built("cr3dentials-sandbox"), &options)?;
    let folder = project.at("tests/conformance");
    python::program(project, "st")
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
