use crate::command::{Failure, Result, Run};
use crate::project::Project;
use crate::tools::browser::Browser;
use crate::{build, tools};

/// Runs `cargo xtask npm`: builds the package's files. With `--check`, packs them and runs every example and every
/// packaging test against the tarball; further arguments, such as `--engines chromium` or `--only NAME`, go to
/// `npm/check/run.mjs`.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    tools::setup(project, tools::Scope::Build)?;
    build::wasm(project)?;
    build::host(project)?;
    let Some((first, rest)) = args.split_first() else { return Ok(()) };
    if first != "--check" {
        return Err(Failure::new(format!("unknown argument {first:?}; npm takes --check and its arguments")));
    }
    check(project, rest)?.run()
}

/// Returns the command that checks the packed package, using the files that are already built.
pub(crate) fn check(project: &Project, args: &[String]) -> Result<Run> {
    // Built like the native tests: otherwise everything would be built again with other features.
    project.cargo().words("test --workspace --no-run").run()?;
    let check = project
        .program("node")
        .arg(project.at("npm/check/run.mjs"))
        .args(args)
        // The Rust example shares most dependencies with the workspace.
        .env("CARGO_TARGET_DIR", project.target())
        .env("CR3D_SANDBOX", project.built("cr3dentials-sandbox"))
        .env("CR3D_PROXY", project.built("cr3dentials-proxy"));
    // The check itself skips or reports an engine that is not installed.
    Ok(match Browser::find(project) {
        Ok(browser) => check.env("CHROME", browser.chrome).env("CHROMEDRIVER", browser.driver),
        Err(_) => check,
    })
}
