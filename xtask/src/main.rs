//! The project's development commands. `cargo xtask help` lists them.
//!
//! Every command runs on a machine with rustup and Node. `setup` installs the other tools, or says how to install them.

mod bench;
mod build;
mod checks;
mod command;
mod demo;
mod project;
mod sandbox;
mod steps;
mod tools;

use std::process::ExitCode;

use checks::{conformance, mutants, npm, size, test, tidy};
use command::{Failure, Result};
use project::Project;
use tools::versions;

const HELP: &str = "\
The project's development commands:

  cargo xtask setup                 install missing tools, and list those to install by hand
  cargo xtask demo [--port N] [--no-open]
                                    serve the demo: sandbox, proxy and page, until Ctrl-C
  cargo xtask test [STEP...] [-- ARGS]
                                    run all checks, or only the named steps
  cargo xtask build                 build the WebAssembly module, the npm package's files and the demo page
  cargo xtask size [--check]        print download sizes, next to a one-button Leptos app and similar packages; with
                                    --check, fail when one is over its limit; run `build` first
  cargo xtask npm [--check ...]     build the npm package's files; with --check, pack them and run every example
                                    and every packaging test against the tarball in real browsers
  cargo xtask conformance [--examples N]
                                    check the sandbox against its OpenAPI document with generated requests
  cargo xtask bench NAME [--check]  run a benchmark; with --check, fail when it misses its target; NAME is sandbox,
                                    mount (a thousand mounts in Chromium) or messages (ten thousand forged ones)
  cargo xtask mutants [ARGS]        run mutation tests of the engine; fail when the core's tests catch less than 92 % of
                                    the mutants; takes half an hour; ARGS go to cargo-mutants, such as --re frame.rs
  cargo xtask tidy                  run the project-specific lints
  cargo xtask ci                    run setup and test, as .ci/run does
  cargo xtask versions              print every tool's version and the variable that overrides it

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
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match command.as_str() {
        "setup" => none(&rest).and_then(|()| tools::setup(&project, tools::Scope::Everything)),
        "demo" => return demo::Options::parse(&rest).and_then(|options| demo::run(&project, options)),
        "test" => test::run(&project, &rest),
        "build" => {
            none(&rest).and_then(|()| tools::setup(&project, tools::Scope::Build)).and_then(|()| build::run(&project))
        }
        "size" => size::run(&project, &rest),
        "npm" => npm::run(&project, &rest),
        "conformance" => conformance::command(&project, &rest),
        "bench" => bench::run(&project, &rest),
        "mutants" => mutants::run(&project, &rest),
        "tidy" => none(&rest).and_then(|()| tidy::run(&project)),
        "ci" => none(&rest).and_then(|()| test::run(&project, &[])),
        "versions" => none(&rest).map(|()| print!("{}", versions::table())),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}{}", test::list());
            Ok(())
        }
        other => Err(Failure::new(format!("unknown command {other:?}; `cargo xtask help` lists the commands"))),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn none(args: &[String]) -> Result {
    match args.first() {
        None => Ok(()),
        Some(arg) => Err(Failure::new(format!("unknown argument {arg:?}; see `cargo xtask help`"))),
    }
}
