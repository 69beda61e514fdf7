//! Benchmarks. Each prints its measurements; with `--check` it fails when a measurement misses its target.

mod page;
mod sandbox;

use crate::command::{Failure, Result};
use crate::project::Project;

/// `cargo xtask bench NAME [--check]`.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    let (names, flags): (Vec<_>, Vec<_>) = args.iter().partition(|arg| !arg.starts_with("--"));
    let check = match flags.as_slice() {
        [] => false,
        [flag] if *flag == "--check" => true,
        [flag, ..] => return Err(Failure::new(format!("unknown option {flag:?}; bench takes --check"))),
    };
    let figures = match names.as_slice() {
        [name] if *name == "sandbox" => sandbox::run(project)?,
        [name] if ["mount", "messages"].contains(&name.as_str()) => return page::run(project, name, check),
        _ => return Err(Failure::new("name one benchmark: sandbox, mount or messages")),
    };
    let mut missed = Vec::new();
    for figure in &figures {
        println!(
            "{:44} {:>12}   target: under {}",
            figure.what,
            figure.shown(figure.value),
            figure.shown(figure.target)
        );
        if figure.value >= figure.target {
            missed.push(figure.what);
        }
    }
    match missed.as_slice() {
        [_, ..] if check => Err(Failure::new(format!("missed: {}", missed.join("; ")))),
        _ => Ok(()),
    }
}

/// A measurement and the target it must stay under.
struct Figure {
    what: &'static str,
    value: f64,
    target: f64,
    unit: &'static str,
}

impl Figure {
    fn shown(&self, value: f64) -> String {
        format!("{value:.1} {}", self.unit)
    }
}
