//! The project's chores. `cargo xtask help` lists them.
//!
//! Everything here runs on a machine with rustup and Node; whatever else is needed, `setup` brings or names.

mod apt;
mod bench;
mod browser;
mod build;
mod command;
mod conformance;
mod demo;
mod engines;
mod npm;
mod project;
mod sandbox;
mod setup;
mod size;
mod steps;
mod test;
mod tidy;
mod versions;

use std::process::ExitCode;

use command::{Failure, Result};
use project::Project;

const HELP: &str = "\
The project's chores:

  cargo xtask setup                 get the tools that are missing, and say which must be installed by hand
  cargo xtask demo [--port N] [--no-open]
                                    serve the demo: sandbox, proxy and page; Ctrl-C ends all three
  cargo xtask test [STEP...] [-- ARGS]
                                    check everything, or only the steps that are named
  cargo xtask build                 make the WebAssembly module, the npm package's files and the demo page
  cargo xtask size [--check]        show what a browser downloads, beside a Leptos app of one button and what others
                                    weigh, and with --check fail when it is too much; run `build` first
  cargo xtask npm [--check ...]     make the npm package's files; with --check pack them, and run every example and
                                    every packaging test against the tarball in real browsers
  cargo xtask conformance [--examples N]
                                    check the sandbox against its OpenAPI document with made-up requests
  cargo xtask bench NAME [--check]  measure, and with --check fail when an aim is missed; NAME is sandbox, mount (a
                                    thousand mounts in Chromium) or messages (ten thousand forged ones)
  cargo xtask tidy                  check the rules that no compiler knows
  cargo xtask ci                    setup and test: what .ci/run does
  cargo xtask versions              show every tool's version and the variable that overrides it

Steps of test:
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<String>) -> Result<ExitCode> {
    let project = Project::find()?;
    let mut args = args.into_iter();
    let chore = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match chore.as_str() {
        "setup" => none(&rest).and_then(|()| setup::run(&project, setup::Scope::Everything)),
        "demo" => return demo::Options::parse(&rest).and_then(|options| demo::run(&project, options)),
        "test" => test::run(&project, &rest),
        "build" => {
            none(&rest).and_then(|()| setup::run(&project, setup::Scope::Build)).and_then(|()| build::run(&project))
        }
        "size" => size::run(&project, &rest),
        "npm" => npm::run(&project, &rest),
        "conformance" => conformance::command(&project, &rest),
        "bench" => bench::run(&project, &rest),
        "tidy" => none(&rest).and_then(|()| tidy::run(&project)),
        "ci" => none(&rest).and_then(|()| test::run(&project, &[])),
        "versions" => none(&rest).map(|()| print!("{}", versions::table())),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}{}", test::list());
            Ok(())
        }
        other => Err(Failure::new(format!("there is no chore {other:?}; `cargo xtask help` lists them"))),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn none(args: &[String]) -> Result {
    match args.first() {
        None => Ok(()),
        Some(arg) => Err(Failure::new(format!("{arg:?} is not understood; see `cargo xtask help`"))),
    }
}
