//! The tools that the project needs, installed by `cargo xtask setup`.

mod apt;
pub(crate) mod browser;
mod engines;
pub(crate) mod python;
pub(crate) mod versions;

use crate::command::{Failure, Result};
use crate::project::{Project, read, write};
use browser::Browser;
use versions::{CARGO_DENY, NODE, SCHEMATHESIS, TRUNK, TYPOS, Tool, WASM_BINDGEN};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Extent of the setup.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The tools for building and for the demo.
    Build,
    /// Those, and the tools for the tests.
    Everything,
}

/// Installs the missing tools and prints only those. Tools that it cannot install are listed in the error.
///
/// # Errors
/// Fails after every tool was tried, with one list of everything to install by hand.
pub(crate) fn setup(project: &Project, scope: Scope) -> Result {
    let mut by_hand = Vec::new();
    let mut needs = |result: Result| by_hand.extend(result.err().map(|failure| failure.to_string()));

    needs(target(project));
    needs(component(project, "rustfmt", "fmt"));
    needs(component(project, "clippy", "clippy"));
    needs(bindgen(project));
    needs(trunk(project));
    needs(node(project).and_then(|()| packages(project)));
    if scope == Scope::Everything {
        needs(Browser::find_or_install(project).map(drop));
        needs(engines::install(project));
        needs(cargo_deny(project));
        needs(python_tools(project));
    }

    if by_hand.is_empty() {
        eprintln!("All tools are installed.");
        return Ok(());
    }
    Err(Failure::new(format!("some tools are missing:\n- {}", by_hand.join("\n- "))))
}

fn target(project: &Project) -> Result {
    let sysroot = project.program("rustc").words("--print sysroot").probe().unwrap_or_default();
    if std::path::Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    if project.which("rustup").is_none() {
        return Err(Failure::new(format!(
            "the compiler's {WASM_TARGET} target: install rustup (https://rustup.rs) and run this again"
        )));
    }
    eprintln!("Adding the compiler's {WASM_TARGET} target: a few seconds.");
    project.program("rustup").words("target add").arg(WASM_TARGET).run()
}

fn component(project: &Project, name: &str, subcommand: &str) -> Result {
    if project.cargo().args([subcommand, "--version"]).probe().is_some() {
        return Ok(());
    }
    if project.which("rustup").is_none() {
        return Err(Failure::new(format!("{name}: install it beside the compiler")));
    }
    eprintln!("Adding {name}: a few seconds.");
    project.program("rustup").words("component add").arg(name).run()
}

fn bindgen(project: &Project) -> Result {
    let is = |program: &str| has(project, program, &WASM_BINDGEN.version());
    if is("wasm-bindgen") && is("wasm-bindgen-test-runner") {
        return Ok(());
    }
    // Without --locked: the published lock file may name a crate version that was yanked since.
    install(project, &WASM_BINDGEN, &[], "1", "about 3 minutes")
}

fn trunk(project: &Project) -> Result {
    if has(project, "trunk", &TRUNK.version()) {
        return Ok(());
    }
    install(project, &TRUNK, &["--locked", "--no-default-features", "--features", "rustls"], "0", "about 7 minutes")
}

fn cargo_deny(project: &Project) -> Result {
    if has(project, "cargo-deny", &CARGO_DENY.version()) {
        return Ok(());
    }
    install(project, &CARGO_DENY, &["--locked"], "0", "about 2 minutes")
}

fn python_tools(project: &Project) -> Result {
    python::find_or_install(project)?;
    python::install(project, &SCHEMATHESIS, "st")?;
    python::install(project, &TYPOS, "typos")
}

/// Returns true if `program --version` prints `version`.
pub(crate) fn has(project: &Project, program: &str, version: &str) -> bool {
    let found = project.which(program).and_then(|_| project.program(program).arg("--version").probe());
    found.is_some_and(|found| found.split_whitespace().any(|word| word == version))
}

/// Downloads a prebuilt tool with cargo-binstall if that is installed, else builds it with few optimizations: the tools
/// run for seconds, and optimizing them takes minutes.
pub(crate) fn install(project: &Project, tool: &Tool, flags: &[&str], opt_level: &str, time: &str) -> Result {
    let (name, version) = (tool.name, tool.version());
    if project.which("cargo-binstall").is_some() {
        eprintln!("Installing {name} {version} with cargo-binstall: a few seconds if there is a prebuilt one.");
        let package = format!("{name}@{version}");
        let prebuilt = project.cargo().words("binstall --no-confirm --disable-strategies compile --force").arg(package);
        if prebuilt.run().is_ok() {
            return Ok(());
        }
    }
    eprintln!("Building {name} {version}: {time} on two cores, once.");
    project
        .cargo()
        .words("install --force")
        .args([name, "--version", &version])
        .args(flags)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
        .run()
        .map_err(|failure| Failure::new(format!("{name} {version}: {failure}")))
}

fn node(project: &Project) -> Result {
    let wanted = NODE.version();
    let by_hand = |found: &str| {
        Failure::new(format!("Node {wanted} or newer with npm{found}: install it from https://nodejs.org"))
    };
    let found = project.program("node").arg("--version").probe().ok_or_else(|| by_hand(""))?;
    if !versions::at_least(&found, &wanted) {
        return Err(by_hand(&format!(" (found {found})")));
    }
    project.which("npm").map(drop).ok_or_else(|| by_hand(" (npm is missing)"))
}

/// Runs `npm ci` if the lock file is not the one that was installed.
fn packages(project: &Project) -> Result {
    let lock = read(&project.at("npm/package-lock.json"))?;
    let installed = project.at("npm/node_modules/.installed-lock");
    if read(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    eprintln!("Installing the packages of npm/: about half a minute.");
    // No package needs its install script, so none is run.
    let npm = project.program("npm").dir(project.at("npm"));
    npm.words("ci --ignore-scripts --no-audit --no-fund --loglevel=error").run()?;
    write(&installed, &lock)
}
