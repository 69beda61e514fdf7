//! Benchmarks of the component in a real browser. `tests/e2e/bench.rs` measures and prints the figures.

use crate::build;
use crate::checks::test;
use crate::command::Result;
use crate::project::Project;
use crate::tools::browser::Browser;

/// Builds the shipped files and runs the benchmark `name` on them.
pub(super) fn run(project: &Project, name: &str, check: bool) -> Result {
    build::run(project)?;
    let browser = Browser::find(project)?;
    let mut bench = test::e2e(project, browser).words("-- --ignored --exact --nocapture").arg(format!("bench::{name}"));
    if check {
        bench = bench.env("CR3D_BENCH_CHECK", "1");
    }
    bench.run()
}
