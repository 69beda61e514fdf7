use crate::browser::Browser;
use crate::command::{Failure, Result, Run};
use crate::project::Project;
use crate::{build, setup};

/// `cargo xtask npm`: makes the package's files. With `--check`: packs them, and runs every example and every packaging
/// test against the tarball. What follows goes to `npm/check/run.mjs`, such as `--engines chromium` or `--only NAME`.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    setup::run(project, setup::Scope::Build)?;
    build::wasm(project)?;
    build::host(project)?;
    let Some((first, rest)) = args.split_first() else { return Ok(()) };
    if first != "--check" {
        return Err(Failure::new(format!("{first:?} is not understood; npm knows --check, and what follows it")));
    }
    check(project, rest)?.run()
}

/// Everything that is checked of the packed package, on what is built.
pub(crate) fn check(project: &Project, args: &[String]) -> Result<Run> {
    // As the native tests are built: otherwise everything would be built again with other features.
    project.cargo().words("test --workspace --no-run").run()?;
    let check = project
        .program("node")
        .arg(project.at("npm/check/run.mjs"))
        .args(args)
        // For the example in Rust: it shares most dependencies with the workspace.
        .env("CARGO_TARGET_DIR", project.target())
        .env("CR3D_SANDBOX", project.built("cr3dentials-sandbox"))
        .env("CR3D_PROXY", project.built("cr3dentials-proxy"));
    // An engine that is not there is skipped, or fails the check: it says so itself.
    Ok(match Browser::find(project) {
        Ok(browser) => check.env("CHROME", browser.chrome).env("CHROMEDRIVER", browser.driver),
        Err(_) => check,
    })
}
