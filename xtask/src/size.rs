use crate::build::NAME;
use crate::command::{Failure, Result};
use crate::project::Project;

/// Reads paths from its arguments and prints `raw gzip brotli` for each: Node has both compressors built in.
const MEASURE: &str = "
const { brotliCompressSync, gzipSync } = require('node:zlib');
const { readFileSync } = require('node:fs');
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}";

/// The most that may be downloaded, in bytes of brotli: by the host before the frame is there, and in all.
const MOST: [(&str, u64); 2] = [("the host", 5_000), ("first use", 115_000)];

/// Shows what a browser downloads, file by file; `--check` fails when it is too much.
pub(crate) fn run(project: &Project, args: &[String]) -> Result {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        [flag, ..] => return Err(Failure::new(format!("{flag:?} is not understood; size knows --check"))),
    };
    let files = ["index.js".to_owned(), "style.js".to_owned(), format!("{NAME}.js"), format!("{NAME}_bg.wasm")];
    let paths: Vec<_> = files.iter().map(|file| project.at("npm/build").join(file)).collect();
    if let Some(missing) = paths.iter().find(|path| !path.is_file()) {
        return Err(Failure::new(format!("{} is not there; run `cargo xtask build` first", missing.display())));
    }
    let told = project.program("node").args(["-e", MEASURE, "--"]).args(&paths).probe();
    let told = told.ok_or_else(|| Failure::new("node could not measure the files"))?;

    println!("{:28} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip", "brotli");
    let (mut all, mut host) = ([0; 3], 0);
    for (file, line) in files.iter().zip(told.lines()) {
        let sizes: Vec<u64> = line.split_whitespace().filter_map(|size| size.parse().ok()).collect();
        let &[raw, gzip, brotli] = sizes.as_slice() else {
            return Err(Failure::new(format!("node measured {line:?}")));
        };
        println!("{file:28} {raw:>9} {gzip:>9} {brotli:>9}");
        all = [all[0] + raw, all[1] + gzip, all[2] + brotli];
        if host == 0 {
            host = brotli;
        }
    }
    println!("{:28} {:>9} {:>9} {:>9}", "first use", all[0], all[1], all[2]);
    let missed: Vec<_> = MOST
        .iter()
        .zip([host, all[2]])
        .filter(|((_, most), size)| size > most)
        .map(|((what, most), size)| format!("{what} is {size} bytes of brotli, and may be {most}"))
        .collect();
    if check && !missed.is_empty() {
        return Err(Failure::new(missed.join("; ")));
    }
    Ok(())
}
