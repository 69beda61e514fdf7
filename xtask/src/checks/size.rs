//! Download sizes of the component, next to those of similar packages.

use std::path::{Path, PathBuf};

use crate::build::{self, NAME};
use crate::command::{Failure, Result};
use crate::project::{Project, fresh_dir};

/// Node script that prints `raw gzip brotli` in bytes for each path in its arguments. Node has both compressors built in.
const MEASURE: &str = "
const { brotliCompressSync, gzipSync } = require('node:zlib');
const { readFileSync } = require('node:fs');
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}";

/// Maximum download sizes in bytes, compressed with brotli: of the host, which is loaded before the frame, of everything
/// that a first use loads, and of plain mode, which replaces the view and the module.
const LIMITS: [(&str, u64); 3] = [("the host", 7_000), ("first use", 122_000), ("plain mode", 4_500)];

/// Text that only the shell contains: the permissions of its frame. The host has it, and the view must not have it again.
const SHELL_MARK: &str = "clipboard-read; clipboard-write";

/// Sizes of similar packages in kB: minified with their dependencies but without React, raw and at brotli's highest
/// level. Measured from the packages in November 2026.
const PEERS: [(&str, f64, f64); 14] = [
    ("@truv/bridge (a loader)", 2.1, 0.9),
    ("@stripe/connect-js (a loader)", 4.9, 1.7),
    ("react-plaid-link (a loader)", 8.1, 3.0),
    ("@sumsub/websdk", 11.7, 2.6),
    ("@veriff/incontext-sdk", 12.3, 4.1),
    ("Stripe Embedded Checkout", 18.7, 5.6),
    ("@hyperbeam/web", 21.3, 7.5),
    ("persona", 55.4, 17.1),
    ("@browserbox/hyper-frame", 76.2, 17.4),
    ("comlink", 4.3, 1.7),
    ("penpal", 9.9, 3.4),
    ("zoid", 93.0, 24.1),
    ("@reclaimprotocol/js-sdk", 592.0, 166.0),
    ("@zkpass/transgate-js-sdk", 1321.0, 323.0),
];

/// Sizes of one or several files in bytes.
#[derive(Clone, Copy, Default)]
struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Bytes {
    fn sum(files: &[Self]) -> Self {
        files.iter().fold(Self::default(), |sum, file| Self {
            raw: sum.raw + file.raw,
            gzip: sum.gzip + file.gzip,
            brotli: sum.brotli + file.brotli,
        })
    }

    fn row(self, name: &str) {
        println!("{name:32} {:>9} {:>9} {:>9}", self.raw, self.gzip, self.brotli);
    }
}

/// Prints download sizes file by file. With `--check`, fails when one is over its limit.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        [flag, ..] => return Err(Failure::new(format!("unknown option {flag:?}; size takes --check"))),
    };
    let module = format!("{NAME}_bg.wasm");
    let names = ["element.js", "view.js", &module, "plain.js"];
    let paths: Vec<_> = names.iter().map(|name| project.at("npm/build").join(name)).collect();
    if let Some(missing) = paths.iter().find(|path| !path.is_file()) {
        return Err(Failure::new(format!("{} does not exist; run `cargo xtask build` first", missing.display())));
    }
    let button = one_button(project)?;
    let ours = measure(project, &paths)?;
    let button = Bytes::sum(&measure(project, &button)?);

    println!("{:32} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip", "brotli");
    for (name, file) in names.iter().zip(&ours) {
        file.row(name);
    }
    let [host, _, _, plain] = ours[..] else { return Err(Failure::new("node did not measure every file")) };
    let first_use = Bytes::sum(&ours[..3]);
    first_use.row("first use, without plain.js");
    button.row("a one-button Leptos app");
    println!("\n{:32} {:>9} {:>19}", "kB, others in November 2026", "raw", "brotli");
    for (name, raw, brotli) in PEERS {
        println!("{name:32} {raw:>9.1} {brotli:>19.1}");
    }

    let with_shell = paths.iter().filter(|path| contains(path, SHELL_MARK)).count();
    println!("\nfiles with the shell: {with_shell}");
    if check && with_shell != 1 {
        return Err(Failure::new(format!("{with_shell} of these files contain the shell; the host alone should")));
    }
    let missed: Vec<_> = LIMITS
        .iter()
        .zip([host.brotli, first_use.brotli, plain.brotli])
        .filter(|((_, limit), size)| size > limit)
        .map(|((what, limit), size)| format!("{what} is {size} bytes with brotli; the limit is {limit}"))
        .collect();
    if check && !missed.is_empty() {
        return Err(Failure::new(missed.join("; ")));
    }
    Ok(())
}

fn contains(path: &Path, text: &str) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn measure(project: &Project, paths: &[PathBuf]) -> Result<Vec<Bytes>> {
    let output = project.program("node").args(["-e", MEASURE, "--"]).args(paths).probe();
    let output = output.ok_or_else(|| Failure::new("node could not measure the files"))?;
    output
        .lines()
        .map(|line| {
            let sizes: Vec<u64> = line.split_whitespace().filter_map(|size| size.parse().ok()).collect();
            match sizes.as_slice() {
                &[raw, gzip, brotli] => Ok(Bytes { raw, gzip, brotli }),
                _ => Err(Failure::new(format!("unexpected output from node: {line:?}"))),
            }
        })
        .collect()
}

/// Builds the module and the glue code of a one-button app the way Leptos apps are built.
fn one_button(project: &Project) -> Result<[PathBuf; 2]> {
    let (flags, remap) = build::remapped_paths();
    let example =
        "build --package cr3dentials-embed --example one_button --profile wasm-release --target wasm32-unknown-unknown";
    project.cargo().words(example).env(flags, &remap).run()?;
    let output = project.at("target/xtask/one-button");
    fresh_dir(&output)?;
    let built = project.target().join("wasm32-unknown-unknown/wasm-release/examples/one_button.wasm");
    project.program("wasm-bindgen").words("--target web --no-typescript --out-dir").arg(&output).arg(built).run()?;
    build::check_wasm_opt(project)?;
    let module = output.join("one_button_bg.wasm");
    let wasm_opt = project.program("wasm-opt").words("-Oz --strip-debug --strip-producers -o").args([&module, &module]);
    wasm_opt.run()?;
    let glue = minified(project, &output.join("one_button.js"))?;
    Ok([module, glue])
}

fn minified(project: &Project, file: &Path) -> Result<PathBuf> {
    let output = file.with_extension("min.js");
    let outfile = format!("--outfile={}", output.display());
    project.npm_tool("esbuild").arg(file).words("--minify --log-level=warning").arg(outfile).run()?;
    Ok(output)
}
