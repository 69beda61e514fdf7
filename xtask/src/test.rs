use std::cell::Cell;
use std::fmt::Write;

use serde_json::json;

use crate::browser::{Browser, is_root};
use crate::command::{Failure, Result, Run};
use crate::project::{Project, fresh_dir, write};
use crate::steps::Steps;
use crate::{build, conformance, npm, setup, size, tidy};

/// The steps of `cargo xtask test`, in the order in which they fail soonest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Format,
    Tidy,
    TypeScript,
    Clippy,
    ClippyWasm,
    Native,
    Conformance,
    Wasm,
    Artefacts,
    Size,
    EndToEnd,
    Package,
}

impl Step {
    const ALL: [Self; 12] = [
        Self::Format,
        Self::Tidy,
        Self::TypeScript,
        Self::Clippy,
        Self::ClippyWasm,
        Self::Native,
        Self::Conformance,
        Self::Wasm,
        Self::Artefacts,
        Self::Size,
        Self::EndToEnd,
        Self::Package,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Format => "fmt",
            Self::Tidy => "tidy",
            Self::TypeScript => "typescript",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Native => "native",
            Self::Conformance => "conformance",
            Self::Wasm => "wasm",
            Self::Artefacts => "artefacts",
            Self::Size => "size",
            Self::EndToEnd => "e2e",
            Self::Package => "package",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Format => "Rust is formatted",
            Self::Tidy => "the rules that no compiler knows",
            Self::TypeScript => "the element's host: types and tests",
            Self::Clippy => "lints, native, the whole workspace",
            Self::ClippyWasm => "lints, the component for WebAssembly",
            Self::Native => "native tests, the walk over HTTP among them",
            Self::Conformance => "the sandbox against its OpenAPI document, briefly",
            Self::Wasm => "the component in headless Chromium",
            Self::Artefacts => "the module, the package's files and the demo page, optimised",
            Self::Size => "what a browser downloads, and the most it may",
            Self::EndToEnd => "the walk in a real browser, on those",
            Self::Package => "the packed npm package: in examples, bundlers and three engines",
        }
    }

    fn run(self, project: &Project, extra: &[String], passed: &Passed) -> Result {
        match self {
            Self::Format => {
                project.cargo().words("fmt --all --check").run()?;
                project.cargo().words("fmt --check --manifest-path examples/leptos-ssr/Cargo.toml").run()
            }
            Self::Tidy => tidy::run(project),
            Self::TypeScript => typescript(project, passed),
            // `--all-targets` would leave out e2e, which runs only when it is named.
            Self::Clippy => project
                .cargo()
                .words("clippy --workspace --features csr,gallery --lib --bins --tests --test e2e -- -D warnings")
                .run(),
            Self::ClippyWasm => {
                component(project, "clippy").words("--features csr,gallery --lib --bins --tests -- -D warnings").run()
            }
            Self::Native => passed.of(project.cargo().words("test --workspace").args(harness(&patient(extra)))),
            Self::Conformance => conformance::run(project, conformance::FEW_EXAMPLES),
            Self::Wasm => wasm(project, extra, passed),
            Self::Artefacts => build::run(project),
            Self::Size => size::run(project, &["--check".to_owned()]),
            Self::EndToEnd => end_to_end(project, extra, passed),
            Self::Package => passed.of(npm::check(project, extra)?),
        }
    }
}

/// The steps, for the help.
pub(crate) fn list() -> String {
    Step::ALL.iter().fold(String::new(), |mut text, step| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:12} {}", step.name(), step.what());
        text
    })
}

/// Everything, or the steps that `args` names and what they need. What follows `--` goes to the tests.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    let (names, extra) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    let chosen = choose(names)?;
    if chosen.len() > 2 && !extra.is_empty() {
        return Err(Failure::new("what follows `--` is for one step's tests; name that step"));
    }

    let passed = Passed::default();
    let mut steps = Steps::default();
    steps.step("setup", "the tools", || setup::run(project, setup::Scope::Everything));
    for step in chosen {
        steps.step(step.name(), step.what(), || step.run(project, extra, &passed));
    }
    let result = steps.finish();
    // The last word, on standard output.
    println!(
        "{} tests passed, {} failed{}",
        passed.good.get(),
        passed.bad.get(),
        match &result {
            Ok(()) => "; every step is fine",
            Err(_) => "; stopped at the first step that failed",
        }
    );
    result
}

fn choose(names: &[String]) -> Result<Vec<Step>> {
    let mut chosen = Vec::new();
    for name in names {
        let step = Step::ALL.into_iter().find(|step| step.name() == name);
        let step =
            step.ok_or_else(|| Failure::new(format!("there is no step {name:?}; the steps are:\n{}", list())))?;
        if matches!(step, Step::Size | Step::EndToEnd | Step::Package) && !chosen.contains(&Step::Artefacts) {
            chosen.push(Step::Artefacts);
        }
        if !chosen.contains(&step) {
            chosen.push(step);
        }
    }
    Ok(if chosen.is_empty() { Step::ALL.to_vec() } else { chosen })
}

/// The arguments for a test binary, behind the `--` that cargo wants.
fn harness(extra: &[String]) -> Vec<String> {
    if extra.is_empty() { Vec::new() } else { std::iter::once("--".to_owned()).chain(extra.iter().cloned()).collect() }
}

/// Native tests wait for servers more than they compute, so more of them than there are cores run at a time.
fn patient(extra: &[String]) -> Vec<String> {
    let threads = || ["--test-threads", "16"].map(str::to_owned).to_vec();
    if extra.is_empty() { threads() } else { extra.to_vec() }
}

fn typescript(project: &Project, passed: &Passed) -> Result {
    // The sources alone too: the tests bring Node's types along, which a browser does not have.
    project.npm_tool("tsc").arg("--noEmit").run()?;
    project.npm_tool("tsc").words("--project tsconfig.test.json").run()?;
    project.npm_tool("tsc").words("--project test/types/tsconfig.json").run()?;

    let output = project.at("target/xtask/npm-test");
    fresh_dir(&output)?;
    write(&output.join("package.json"), r#"{ "type": "module" }"#)?;
    let files = |dir: &std::path::Path, suffix: &str| -> Result<Vec<_>> {
        let entries = std::fs::read_dir(dir).map_err(|error| Failure::new(format!("{}: {error}", dir.display())))?;
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.to_string_lossy().ends_with(suffix));
        files.sort();
        Ok(files)
    };
    let glue = project.at(&format!("npm/test/{}.ts", build::NAME));
    project
        .npm_tool("esbuild")
        .args(files(&project.at("npm/test"), ".test.ts")?)
        .words("--bundle --platform=node --format=esm --target=node20 --loader:.css=empty --log-level=warning")
        .args([format!("--alias:{}={}", build::NAME, glue.display()), format!("--outdir={}", output.display())])
        .arg(format!("--alias:component.css={}", project.at("style/component.css").display()))
        .run()?;
    let tests = files(&output, ".test.js")?;
    passed.of(project.program("node").words("--test --test-reporter=spec").args(tests))
}

/// A cargo command on the library and the module, for browsers.
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
        .words("--lib --test browser")
        .args(harness(extra))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", browser.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180");
    passed.of(test)
}

fn end_to_end(project: &Project, extra: &[String], passed: &Passed) -> Result {
    let browser = Browser::find(project)?;
    passed.of(e2e(project, browser).args(harness(extra)))
}

/// The end-to-end tests, on what is built.
pub(crate) fn e2e(project: &Project, browser: Browser) -> Run {
    // With the whole workspace, so that nothing is built again with other features than the native tests had.
    project
        .cargo()
        .words("test --workspace --test e2e")
        .env("CR3D_DIST", project.at("dist"))
        .env("CR3D_NPM_BUILD", project.at("npm/build"))
        .env("CR3D_AXE", project.at("npm/node_modules/axe-core/axe.min.js"))
        .env("CHROME", browser.chrome)
        .env("CHROMEDRIVER", browser.driver)
}

/// Counts tests, whoever runs them.
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

/// The tests that passed and failed by a line of a summary: libtest's and wasm-bindgen's, Node's, or npm/check's.
fn count(line: &str) -> (u64, u64) {
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    // Such as "12 passed; 0 failed", whatever stands between.
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

    #[test]
    fn end_to_end_brings_what_it_needs() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(choose(&names(&["e2e"])).unwrap(), [Step::Artefacts, Step::EndToEnd]);
        assert_eq!(choose(&names(&["package"])).unwrap(), [Step::Artefacts, Step::Package]);
        assert_eq!(choose(&names(&["fmt", "fmt"])).unwrap(), [Step::Format]);
        assert_eq!(choose(&[]).unwrap(), Step::ALL);
        assert!(choose(&names(&["end"])).unwrap_err().to_string().contains("clippy-wasm"));
    }

    #[test]
    fn tests_are_counted_whoever_runs_them() {
        let libtest = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(count(libtest), (12, 0));
        assert_eq!(count("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out"), (3, 2));
        assert_eq!(count("78 passed, 2 failed, 1 skipped"), (78, 2));
        assert_eq!(count("the test was skipped"), (0, 0));
        assert_eq!(count("ℹ pass 21"), (21, 0));
        assert_eq!(count("ℹ fail 1"), (0, 1));
        assert_eq!(count("test walk::completed ... ok"), (0, 0));
        assert_eq!(count("ℹ password 7"), (0, 0));
    }
}
