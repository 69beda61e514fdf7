//! Mutation tests of the engine: cargo-mutants changes one expression after another, and the core's tests must fail.
//!
//! `.cargo/mutants.toml` selects the files and the tests.

use serde_json::Value;

use crate::command::{Failure, Result};
use crate::project::{Project, read};

/// Percentage of the viable mutants that the tests must catch.
const REQUIRED: u64 = 92;

/// cargo-mutants' exit codes for a complete run: all mutants were caught, some were missed, or some timed out.
const COMPLETE: [i32; 3] = [0, 2, 3];

/// Runs cargo-mutants and prints the share of caught mutants; fails if it is too small. `args` go to cargo-mutants.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    if project.which("cargo-mutants").is_none() {
        return Err(Failure::new("cargo-mutants is missing; run `cargo install --locked cargo-mutants`"));
    }
    let output = project.target().join("mutants");
    std::fs::create_dir_all(&output).map_err(|error| Failure::new(format!("{}: {error}", output.display())))?;
    let mutants = project.cargo().words("mutants --package cr3dentials-core --output").arg(&output).args(args);
    // cargo-mutants builds a copy of the project, which must not share a target directory with this checkout. A fixed
    // seed makes the result repeatable. Few random schedules and no debug information make the run short.
    let mutants = mutants.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
    let code = mutants.env("PROPTEST_RNG_SEED", "1").env("CR3D_SCHEDULES", "100").code()?;
    if !COMPLETE.contains(&code) {
        return Err(Failure::new(format!("cargo-mutants failed with exit code {code}")));
    }
    let file = output.join("mutants.out").join("outcomes.json");
    if !file.is_file() {
        return Err(Failure::new("no mutants match the arguments"));
    }
    let outcomes: Value =
        serde_json::from_str(&read(&file)?).map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    let count = |name: &str| outcomes[name].as_u64().unwrap_or(0);
    // A mutant that loops forever makes the tests time out, so it counts as caught.
    let caught = count("caught") + count("timeout");
    let viable = caught + count("missed");
    println!("{caught} of {viable} viable mutants caught ({} %)", percent(caught, viable));
    if caught * 100 < viable * REQUIRED {
        return Err(Failure::new(format!("less than {REQUIRED} % of the mutants were caught")));
    }
    Ok(())
}

fn percent(part: u64, whole: u64) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{}.{}", tenths / 10, tenths % 10)
}
