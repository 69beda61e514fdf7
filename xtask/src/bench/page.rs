//! The component in a real browser: the measurement itself is `tests/e2e/bench.rs`, which prints its own figures.

use crate::browser::Browser;
use crate::command::Result;
use crate::project::Project;
use crate::{build, test};

/// Builds what is shipped, and measures `name` on it.
pub(super) fn run(project: &Project, name: &str, check: bool) -> Result {
    build::run(project)?;
    let browser = Browser::find(project)?;
    let mut bench = test::e2e(project, browser).words("-- --ignored --exact --nocapture").arg(format!("bench::{name}"));
    if check {
        bench = bench.env("CR3D_BENCH_CHECK", "1");
    }
    bench.run()
}
