use crate::command::{Failure, Result};
use crate::project::{Project, copy, fresh_dir};
use crate::steps::Steps;
use crate::versions::BINARYEN;

/// The module's name: of the wasm-bindgen output, and so of files in the published package.
pub(crate) const NAME: &str = "cr3dentials_embed";

/// What wasm-bindgen's output and the compiler's defaults use, and every supported browser has.
const FEATURES: &str = "--enable-bulk-memory --enable-multivalue --enable-mutable-globals \
    --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext";

/// The declarations that users of the package need; the others describe our own modules.
const DECLARATIONS: [&str; 13] = [
    "index",
    "element",
    "types",
    "verify-element",
    "options",
    "tag",
    "react",
    "vue",
    "testing",
    "testing-fake",
    "testing-rules",
    "testing-scripts",
    "doctor",
];

/// Makes everything that is shipped or served: npm/wasm, npm/build and dist.
pub(crate) fn run(project: &Project) -> Result {
    let mut steps = Steps::default();
    steps.step("wasm", "the module, optimised, into npm/wasm", || wasm(project));
    steps.step("host", "the package's files, into npm/build", || host(project));
    steps.step("page", "the demo page, into dist", || page(project));
    steps.finish()
}

/// The library as a module for browsers: cargo, wasm-bindgen, wasm-opt.
pub(crate) fn wasm(project: &Project) -> Result {
    // As a cdylib alone: beside an rlib, cargo leaves whole-program optimisation out.
    let library = "rustc --lib --crate-type cdylib --profile wasm-release --target wasm32-unknown-unknown";
    project.cargo().words(library).run()?;
    let bindgen = project.at("target/xtask/bindgen");
    fresh_dir(&bindgen)?;
    // The host always says where the module is; without the default path a bundler finds it in one place only.
    project
        .program("wasm-bindgen")
        .words("--target web --no-typescript --omit-default-module-path --out-name")
        .args([NAME.as_ref(), "--out-dir".as_ref(), bindgen.as_os_str()])
        .arg(project.target().join(format!("wasm32-unknown-unknown/wasm-release/{NAME}.wasm")))
        .run()?;
    check_wasm_opt(project)?;
    let output = project.at("npm/wasm");
    fresh_dir(&output)?;
    let module = format!("{NAME}_bg.wasm");
    project
        .program("wasm-opt")
        .words("-Oz --strip-debug --strip-producers --strip-target-features")
        .words(FEATURES)
        .args([bindgen.join(&module).as_os_str(), "-o".as_ref(), output.join(&module).as_os_str()])
        .run()?;
    let glue = format!("{NAME}.js");
    copy(&bindgen.join(&glue), &output.join(&glue))
}

/// The package's files: the host bundled, declarations, and the module beside them.
pub(crate) fn host(project: &Project) -> Result {
    let build = project.at("npm/build");
    fresh_dir(&build)?;
    let esbuild = |entry: &str| {
        project
            .npm_tool("esbuild")
            .args([entry, "--bundle", "--outdir=build"])
            .words("--format=esm --target=es2022 --minify --loader:.css=text --log-level=warning")
            .args([format!("--external:./{NAME}.js"), "--external:./plain.js".to_owned()])
            // Older bundlers cannot read exports whose names are no identifiers, such as the keys of a locale.
            .arg("--supported:arbitrary-module-namespace-names=false")
    };
    // The languages are loaded on demand, each from a file with its name.
    esbuild("src/index.ts").words("--splitting --chunk-names=locales/[name] --charset=utf8").run()?;
    // English is built in; its file is the list of keys for whoever writes words of their own.
    project
        .npm_tool("esbuild")
        .words("src/locales/en.json --outdir=build/locales --format=esm --log-level=warning")
        .arg("--supported:arbitrary-module-namespace-names=false")
        .run()?;
    // Only defines the tag; what it defines is index.js, which must not exist twice.
    esbuild("src/element.ts").arg("--external:./index.js").run()?;
    esbuild("src/plain.ts").run()?;
    esbuild("src/react.ts").words("--external:react --external:./index.js").run()?;
    esbuild("src/vue.ts").run()?;
    esbuild("src/testing.ts").run()?;
    esbuild("src/doctor.ts").arg(format!("--define:__VERSION__=\"{}\"", env!("CARGO_PKG_VERSION"))).run()?;

    let wasm = project.at("npm/wasm");
    project
        .npm_tool("esbuild")
        .arg(wasm.join(format!("{NAME}.js")))
        .words("--format=esm --target=es2022 --minify --outdir=build --log-level=warning")
        .run()?;
    copy(&wasm.join(format!("{NAME}_bg.wasm")), &build.join(format!("{NAME}_bg.wasm")))?;

    let declarations = project.at("target/xtask/declarations");
    fresh_dir(&declarations)?;
    project.npm_tool("tsc").arg("--outDir").arg(&declarations).run()?;
    for name in DECLARATIONS {
        copy(&declarations.join(format!("{name}.d.ts")), &build.join(format!("{name}.d.ts")))?;
    }
    Ok(())
}

/// The demo page.
pub(crate) fn page(project: &Project) -> Result {
    check_wasm_opt(project)?;
    let (name, version) = trunk_wasm_opt();
    project.program("trunk").words("build --offline").env("NO_COLOR", "true").env(name, version).run()
}

/// What makes trunk accept the version of wasm-opt that is in force here.
pub(crate) fn trunk_wasm_opt() -> (&'static str, String) {
    ("TRUNK_TOOLS_WASM_OPT", format!("version_{}", BINARYEN.version()))
}

/// An old wasm-opt breaks a module and reports success, so its version is looked at every time.
pub(crate) fn check_wasm_opt(project: &Project) -> Result {
    let wanted = BINARYEN.version();
    let found = project.program("wasm-opt").arg("--version").probe().unwrap_or_default();
    if found.split_whitespace().any(|word| word == wanted) {
        return Ok(());
    }
    Err(Failure::new(format!("wasm-opt {wanted} is needed, found {found:?}; `cargo xtask setup` brings it")))
}
