// Runs `cargo xtask` for the npm scripts: `node xtask.mjs ARGS`. The package contains a WebAssembly module, which is
// built from the Rust sources of this repository.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

const args = process.argv.slice(2);
const { error, status } = spawnSync("cargo", ["xtask", ...args], { cwd: ROOT, stdio: "inherit" });
if (error?.code === "ENOENT") {
  console.error(`cargo is not installed, and \`cargo xtask ${args.join(" ")}\` needs it to build the package.`);
  console.error("Install Rust from https://rustup.rs and run this script again.");
} else if (error) {
  console.error(`cargo could not be run: ${error.message}`);
}
process.exit(status ?? 1);
