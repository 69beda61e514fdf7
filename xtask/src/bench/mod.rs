//! Measurements. Each prints what it measured; `--check` compares that with its aims and fails when one is missed.

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
        [flag, ..] => return Err(Failure::new(format!("{flag:?} is not understood; bench knows --check"))),
    };
    let figures = match names.as_slice() {
        [name] if *name == "sandbox" => sandbox::run(project)?,
        [name] if ["mount", "messages"].contains(&name.as_str()) => return page::run(project, name, check),
        _ => return Err(Failure::new("name what to measure: sandbox, mount or messages")),
    };
    let mut missed = Vec::new();
    for figure in &figures {
        println!("{:44} {:>12}   aim: under {}", figure.what, figure.shown(figure.value), figure.shown(figure.aim));
        if figure.value >= figure.aim {
            missed.push(figure.what);
        }
    }
    match missed.as_slice() {
        [_, ..] if check => Err(Failure::new(format!("missed: {}", missed.join("; ")))),
        _ => Ok(()),
    }
}

/// Something measured, and what it is to stay under.
struct Figure {
    what: &'static str,
    value: f64,
    aim: f64,
    unit: &'static str,
}

impl Figure {
    fn shown(&self, value: f64) -> String {
        format!("{value:.1} {}", self.unit)
    }
}
