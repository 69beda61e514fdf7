use std::path::Path;

use crate::command::{Failure, Result};
use crate::project::{Project, copy, fresh_dir, read, write};
use crate::steps::Steps;
use crate::tools::versions::BINARYEN;

/// Name of the wasm-bindgen output, and so of files in the published package.
pub(crate) const NAME: &str = "cr3dentials_embed";

/// Crate that the WebAssembly module is built from.
pub(crate) const PACKAGE: &str = "cr3dentials-embed-module";

/// Type declarations that the package ships; the others describe internal modules.
const DECLARATIONS: [&str; 14] = [
    "index",
    "element",
    "types",
    "verify-element",
    "tag",
    "react",
    "vue",
    "testing",
    "testing/fake",
    "testing/rules",
    "testing/scripts",
    "doctor",
    "doctor/check",
    "locale-file",
];

/// Node script that writes a file's value for the `integrity` attribute into a `.sri` file beside it. Node has the hashes
/// built in.
const INTEGRITY: &str = "
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const [file] = process.argv.slice(1);
const hash = createHash('sha384').update(readFileSync(file)).digest('base64');
writeFileSync(`${file}.sri`, `sha384-${hash}\\n`);";

/// Builds everything that is shipped or served: npm/wasm, npm/build and dist.
pub(crate) fn run(project: &Project) -> Result {
    let mut steps = Steps::default();
    steps.step("wasm", "build the optimized module into npm/wasm", || wasm(project));
    steps.step("host", "build the package's files into npm/build", || host(project));
    steps.step("page", "build the demo page into dist", || page(project));
    steps.finish()
}

/// Builds the module for browsers with cargo and wasm-bindgen, and shrinks it with wasm-opt.
pub(crate) fn wasm(project: &Project) -> Result {
    let module = format!("build --package {PACKAGE} --profile wasm-release --target wasm32-unknown-unknown");
    let (flags, remap) = remapped_paths();
    project.cargo().words(&module).env(flags, &remap).run()?;
    let bindgen = project.at("target/xtask/bindgen");
    fresh_dir(&bindgen)?;
    // The host always passes the module's URL. Without the default path, a bundler sees the module in one place only.
    project
        .program("wasm-bindgen")
        .words("--target web --no-typescript --omit-default-module-path --out-name")
        .args([NAME.as_ref(), "--out-dir".as_ref(), bindgen.as_os_str()])
        .arg(project.target().join(format!("wasm32-unknown-unknown/wasm-release/{}.wasm", PACKAGE.replace('-', "_"))))
        .run()?;
    check_wasm_opt(project)?;
    let output = project.at("npm/wasm");
    fresh_dir(&output)?;
    project.program("node").arg(project.at("npm/scripts/shrink.mjs")).args([&bindgen, &output]).arg(NAME).run()
}

/// Builds the package's files: the bundled host, type declarations, and the module beside them.
pub(crate) fn host(project: &Project) -> Result {
    let build = project.at("npm/build");
    fresh_dir(&build)?;
    // Minified separately: esbuild's text loader would include the sheet unchanged, with its comments.
    let style = project.at("target/xtask/component.css");
    project
        .npm_tool("esbuild")
        .words("../style/component.css --minify --log-level=warning")
        .arg(format!("--outfile={}", style.display()))
        .run()?;
    let wasm = project.at("npm/wasm");
    let esbuild = |entry: &str| {
        project
            .npm_tool("esbuild")
            .args([entry, "--bundle", "--outdir=build"])
            .words("--format=esm --target=es2022 --minify --loader:.css=text --log-level=warning")
            .arg(format!("--alias:component.css={}", style.display()))
            .arg(format!("--alias:{NAME}={}", wasm.join(format!("{NAME}.js")).display()))
            .args(["--external:./plain.js", "--external:./view.js", "--external:./locale.js"])
            // Older bundlers cannot read exports whose names are not identifiers, such as the keys of a locale.
            .arg("--supported:arbitrary-module-namespace-names=false")
    };
    esbuild("src/index.ts").run()?;
    // Languages are loaded on demand, each from a file named after it.
    esbuild("src/locale.ts").words("--splitting --chunk-names=locales/[name] --charset=utf8").run()?;
    // English is built in. Its file lists the keys for partners who write their own strings.
    project
        .npm_tool("esbuild")
        .words("src/locales/en.json --outdir=build/locales --format=esm --log-level=warning")
        .arg("--supported:arbitrary-module-namespace-names=false")
        .run()?;
    // Contains the same as index.js: a page that loads it by its URL must not wait for a second file.
    esbuild("src/element.ts").run()?;
    // Contains the module's bytes. The class comes from index.js, as above.
    esbuild("src/inline.ts").words("--external:./index.js --loader:.wasm=dataurl").run()?;
    esbuild("src/plain.ts").run()?;
    esbuild("src/view.ts").run()?;
    for file in ["index.js", "element.js"] {
        keep_runtime_import(&build.join(file))?;
    }
    esbuild("src/react.ts").words("--external:react --external:./index.js").run()?;
    esbuild("src/vue.ts").run()?;
    esbuild("src/testing.ts").run()?;
    esbuild("src/doctor.ts").arg(format!("--define:__VERSION__=\"{}\"", env!("CARGO_PKG_VERSION"))).run()?;

    copy(&wasm.join(format!("{NAME}_bg.wasm")), &build.join(format!("{NAME}_bg.wasm")))?;

    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&project.at(license), &project.at(&format!("npm/{license}")))?;
    }

    // Everything above in one file, and that file's hash for sites that serve it.
    esbuild("src/standalone.ts").arg("--external:./inline.js").run()?;
    project
        .npm_tool("esbuild")
        .words("build/standalone.js --bundle --outfile=build/standalone.js --allow-overwrite --charset=utf8")
        .words("--format=esm --target=es2022 --minify --log-level=warning")
        .arg("--supported:arbitrary-module-namespace-names=false")
        .run()?;
    keep_runtime_import(&build.join("standalone.js"))?;
    project.program("node").args(["-e", INTEGRITY, "--"]).arg(build.join("standalone.js")).run()?;

    let declarations = project.at("target/xtask/declarations");
    fresh_dir(&declarations)?;
    project.npm_tool("tsc").arg("--outDir").arg(&declarations).run()?;
    for name in DECLARATIONS {
        copy(&declarations.join(format!("npm/src/{name}.d.ts")), &build.join(format!("{name}.d.ts")))?;
    }
    Ok(())
}

/// Marks the one import whose URL is known only at run time, so that bundlers ignore it. Added after the build because
/// esbuild removes such comments.
fn keep_runtime_import(file: &Path) -> Result {
    let code = read(file)?;
    let import = "import(`";
    if code.matches(import).count() != 1 {
        return Err(Failure::new(format!("{} should contain exactly one import of a template string", file.display())));
    }
    write(file, &code.replace(import, "import(/* webpackIgnore: true *//* @vite-ignore */`"))
}

/// Builds the demo page with trunk.
pub(crate) fn page(project: &Project) -> Result {
    check_wasm_opt(project)?;
    let (name, version) = trunk_wasm_opt();
    let (flags, remap) = remapped_paths();
    let trunk = project.program("trunk").words("build --offline").env("NO_COLOR", "true").env(name, version);
    trunk.env(flags, &remap).run()
}

/// Returns compiler flags that shorten the dependency paths in panic messages: the full paths are noise and differ from
/// machine to machine.
pub(crate) fn remapped_paths() -> (&'static str, String) {
    let home = std::env::home_dir().unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), Into::into);
    let registries = std::fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten().flatten();
    let flags = registries.map(|registry| format!("--remap-path-prefix={}=.", registry.path().display()));
    ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.collect::<Vec<_>>().join(" "))
}

/// Returns the environment variable that makes trunk accept the wasm-opt version used here.
pub(crate) fn trunk_wasm_opt() -> (&'static str, String) {
    ("TRUNK_TOOLS_WASM_OPT", format!("version_{}", BINARYEN.version()))
}

/// Checks wasm-opt's version. An old one breaks the module and still exits with success, so every build checks.
pub(crate) fn check_wasm_opt(project: &Project) -> Result {
    let wanted = BINARYEN.version();
    let found = project.program("wasm-opt").arg("--version").probe().unwrap_or_default();
    if found.split_whitespace().any(|word| word == wanted) {
        return Ok(());
    }
    Err(Failure::new(format!("wasm-opt {wanted} is needed, found {found:?}; run `cargo xtask setup` to install it")))
}
