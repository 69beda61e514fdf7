use crate::browser::Browser;
use crate::command::{Failure, Result};
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
    project.cargo().words("build -p cr3dentials-sandbox -p cr3dentials-proxy").run()?;
    let browser = Browser::find(project)?;
    let debug = project.target().join("debug");
    project
        .program("node")
        .arg(project.at("npm/check/run.mjs"))
        .args(rest)
        .env("CR3D_SANDBOX", debug.join("cr3dentials-sandbox"))
        .env("CR3D_PROXY", debug.join("cr3dentials-proxy"))
        .env("CHROME", browser.chrome)
        .env("CHROMEDRIVER", browser.driver)
        .run()
}
