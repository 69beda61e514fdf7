use std::cell::Cell;
use std::fmt::Write;

use serde_json::json;

use super::{conformance, npm, size, tidy};
use crate::command::{Failure, Result, Run};
use crate::project::{Project, write};
use crate::steps::Steps;
use crate::tools::browser::{Browser, is_root};
use crate::tools::python;
use crate::{build, tools};

/// Steps of `cargo xtask test`, fast ones first, so that failures show early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Format,
    Tidy,
    Spelling,
    Dependencies,
    TypeScript,
    Clippy,
    ClippyWasm,
    Native,
    Conformance,
    Wasm,
    Artifacts,
    Size,
    EndToEnd,
    Package,
}

impl Step {
    const ALL: [Self; 14] = [
        Self::Format,
        Self::Tidy,
        Self::Spelling,
        Self::Dependencies,
        Self::TypeScript,
        Self::Clippy,
        Self::ClippyWasm,
        Self::Native,
        Self::Conformance,
        Self::Wasm,
        Self::Artifacts,
        Self::Size,
        Self::EndToEnd,
        Self::Package,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Format => "fmt",
            Self::Tidy => "tidy",
            Self::Spelling => "spelling",
            Self::Dependencies => "dependencies",
            Self::TypeScript => "typescript",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Native => "native",
            Self::Conformance => "conformance",
            Self::Wasm => "wasm",
            Self::Artifacts => "artifacts",
            Self::Size => "size",
            Self::EndToEnd => "e2e",
            Self::Package => "package",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Format => "check that Rust is formatted",
            Self::Tidy => "run the project-specific lints",
            Self::Spelling => "check spelling with typos",
            Self::Dependencies => "check licenses and sources of dependencies with cargo-deny",
            Self::TypeScript => "check lints, format and types, and run the tests of the element's host",
            Self::Clippy => "run clippy on the whole workspace",
            Self::ClippyWasm => "run clippy on the component, for WebAssembly",
            Self::Native => "run the native tests, including those over HTTP",
            Self::Conformance => "check the sandbox against its OpenAPI document, briefly",
            Self::Wasm => "run the component's tests in headless Chromium",
            Self::Artifacts => "build the optimized module, the package's files and the demo page",
            Self::Size => "check download sizes against their limits",
            Self::EndToEnd => "run the end-to-end tests in a real browser, on the artifacts",
            Self::Package => "check the packed npm package: examples, bundlers and three engines",
        }
    }

    fn run(self, project: &Project, extra: &[String], passed: &Passed) -> Result {
        match self {
            Self::Format => {
                project.cargo().words("fmt --all --check").run()?;
                project.cargo().words("fmt --check --manifest-path examples/leptos-ssr/Cargo.toml").run()
            }
            Self::Tidy => tidy::run(project),
            Self::Spelling => python::program(project, "typos").dir(&project.root).run(),
            Self::Dependencies => project.cargo().words("deny --workspace check bans licenses sources").run(),
            Self::TypeScript => typescript(project, passed),
            Self::Clippy => {
                project.cargo().words("clippy --workspace --features csr --lib --bins --tests -- -D warnings").run()?;
                // Left out above, because it runs only when named.
                project.cargo().words("clippy --package cr3dentials-e2e-tests --test e2e -- -D warnings").run()
            }
            Self::ClippyWasm => component(project, "clippy")
                .words(
                    "--package cr3dentials-demo --features cr3dentials-embed/csr --lib --bins --tests -- -D warnings",
                )
                .run(),
            Self::Native => passed.of(project.cargo().words("test --workspace").args(test_args(&many_threads(extra)))),
            Self::Conformance => conformance::run(project, conformance::FEW_EXAMPLES),
            Self::Wasm => wasm(project, extra, passed),
            Self::Artifacts => build::run(project),
            Self::Size => size::run(project, &["--check".to_owned()]),
            Self::EndToEnd => end_to_end(project, extra, passed),
            Self::Package => passed.of(npm::check(project, extra)?),
        }
    }
}

/// Formats the steps for the help text.
pub(crate) fn list() -> String {
    Step::ALL.iter().fold(String::new(), |mut text, step| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:12} {}", step.name(), step.what());
        text
    })
}

/// Runs all steps, or those named in `args` and the steps they need. Arguments after `--` go to the tests.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    let (names, extra) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    let chosen = choose(names)?;
    if chosen.len() > 2 && !extra.is_empty() {
        return Err(Failure::new("arguments after `--` go to one step's tests; name that step"));
    }

    let passed = Passed::default();
    let mut steps = Steps::default();
    steps.step("setup", "install missing tools", || tools::setup(project, tools::Scope::Everything));
    for step in chosen {
        steps.step(step.name(), step.what(), || step.run(project, extra, &passed));
    }
    let result = steps.finish();
    // The last line, on standard output.
    println!(
        "{} tests passed, {} failed{}",
        passed.good.get(),
        passed.bad.get(),
        match &result {
            Ok(()) => "; all steps succeeded",
            Err(_) => "; stopped at the first step that failed",
        }
    );
    result
}

fn choose(names: &[String]) -> Result<Vec<Step>> {
    let mut chosen = Vec::new();
    for name in names {
        let step = Step::ALL.into_iter().find(|step| step.name() == name);
        let step = step.ok_or_else(|| Failure::new(format!("unknown step {name:?}; the steps are:\n{}", list())))?;
        if matches!(step, Step::Size | Step::EndToEnd | Step::Package) && !chosen.contains(&Step::Artifacts) {
            chosen.push(Step::Artifacts);
        }
        if !chosen.contains(&step) {
            chosen.push(step);
        }
    }
    Ok(if chosen.is_empty() { Step::ALL.to_vec() } else { chosen })
}

/// Returns the arguments for a test binary, after the `--` that cargo needs.
fn test_args(extra: &[String]) -> Vec<String> {
    if extra.is_empty() { Vec::new() } else { std::iter::once("--".to_owned()).chain(extra.iter().cloned()).collect() }
}

/// Returns `extra`, or by default more test threads than cores: native tests wait for servers more than they compute.
fn many_threads(extra: &[String]) -> Vec<String> {
    let threads = || ["--test-threads", "16"].map(str::to_owned).to_vec();
    if extra.is_empty() { threads() } else { extra.to_vec() }
}

/// Runs the checks in npm/package.json, then the tests, whose results are counted.
fn typescript(project: &Project, passed: &Passed) -> Result {
    for script in ["lint", "format:check", "typecheck"] {
        project.npm_tool("npm").args(["run", "--silent", script]).run()?;
    }
    passed.of(project.program("node").arg(project.at("npm/scripts/test.mjs")))
}

/// Returns a cargo command for the library and the module, built for browsers.
fn component(project: &Project, command: &str) -> Run {
    let cargo = project.cargo().arg(command).words("--target wasm32-unknown-unknown --package cr3dentials-embed");
    cargo.args(["--package", build::PACKAGE])
}

fn wasm(project: &Project, extra: &[String], passed: &Passed) -> Result {
    let browser = Browser::find(project)?;
    let capabilities = project.at("target/xtask/webdriver.json");
    let mut args = vec!["--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"];
    args.extend(is_root(project).then_some("--no-sandbox"));
    let options = json!({ "goog:chromeOptions": { "args": args, "binary": browser.chrome } });
    write(&capabilities, &options.to_string())?;
    let test = component(project, "test")
        .words("--lib --test wasm")
        .args(test_args(extra))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", browser.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180");
    passed.of(test)
}

fn end_to_end(project: &Project, extra: &[String], passed: &Passed) -> Result {
    let browser = Browser::find(project)?;
    passed.of(e2e(project, browser).args(test_args(extra)))
}

/// Returns the command that runs the end-to-end tests on the files that are already built.
pub(crate) fn e2e(project: &Project, browser: Browser) -> Run {
    // On the whole workspace, so that nothing is built again with other features than those of the native tests.
    project
        .cargo()
        .words("test --workspace --test e2e")
        .env("CR3D_DIST", project.at("dist"))
        .env("CR3D_NPM_BUILD", project.at("npm/build"))
        .env("CR3D_AXE", project.at("npm/node_modules/axe-core/axe.min.js"))
        .env("CHROME", browser.chrome)
        .env("CHROMEDRIVER", browser.driver)
}

/// Counts passed and failed tests of all test runners.
#[derive(Debug, Default)]
struct Passed {
    good: Cell<u64>,
    bad: Cell<u64>,
}

impl Passed {
    /// Runs tests and counts them.
    fn of(&self, tests: Run) -> Result {
        tests.watch(|line| self.read(line))
    }

    fn read(&self, line: &str) {
        let (good, bad) = count(line);
        self.good.set(self.good.get() + good);
        self.bad.set(self.bad.get() + bad);
    }
}

/// Returns the numbers of passed and failed tests in a summary line of libtest, wasm-bindgen, Node or npm/check.
fn count(line: &str) -> (u64, u64) {
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    // Such as "12 passed; 0 failed", with any separator.
    let before = |text: &str, word: &str| {
        let part = text.split([';', '.', ',']).find(|part| part.trim_end().ends_with(word));
        number(part.and_then(|part| part.split_whitespace().next()))
    };
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("test result: ") {
        (before(rest, " passed"), before(rest, " failed"))
    } else if line.ends_with(" skipped") {
        (before(line, " passed"), before(line, " failed"))
    } else {
        let after = |word: &str| number(line.strip_prefix("ℹ ").and_then(|rest| rest.strip_prefix(word)));
        (after("pass "), after("fail "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::read;

    #[test]
    fn named_steps_include_the_steps_they_need() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(choose(&names(&["e2e"])).unwrap(), [Step::Artifacts, Step::EndToEnd]);
        assert_eq!(choose(&names(&["package"])).unwrap(), [Step::Artifacts, Step::Package]);
        assert_eq!(choose(&names(&["fmt", "fmt"])).unwrap(), [Step::Format]);
        assert_eq!(choose(&[]).unwrap(), Step::ALL);
        assert!(choose(&names(&["end"])).unwrap_err().to_string().contains("clippy-wasm"));
    }

    #[test]
    fn github_workflow_runs_every_step() {
        let workflow = read(&Project::find().unwrap().at(".github/workflows/ci.yml")).unwrap();
        let jobs = workflow.lines().filter_map(|line| line.trim().strip_prefix("steps: "));
        let named: Vec<_> = jobs.flat_map(str::split_whitespace).map(str::to_owned).collect();
        let mut chosen = choose(&named).unwrap();
        chosen.sort_by_key(|step| Step::ALL.iter().position(|other| other == step));
        assert_eq!(chosen, Step::ALL);
    }

    #[test]
    fn tests_of_every_runner_are_counted() {
        let libtest = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(count(libtest), (12, 0));
        assert_eq!(count("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out"), (3, 2));
        assert_eq!(count("78 passed, 2 failed, 1 skipped"), (78, 2));
        assert_eq!(count("the test was skipped"), (0, 0));
        assert_eq!(count("ℹ pass 21"), (21, 0));
        assert_eq!(count("ℹ fail 1"), (0, 1));
        assert_eq!(count("test http::completed ... ok"), (0, 0));
        assert_eq!(count("ℹ password 7"), (0, 0));
    }
}
