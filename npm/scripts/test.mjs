// Runs the unit tests: `node test.mjs [FILE...]`, with names such as `options.test.ts`; all without any.
//
// The tests are bundled first, because they replace the WebAssembly module and the style sheet by stand-ins.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

const NPM = resolve(import.meta.dirname, "..");
const ROOT = resolve(NPM, "..");
const OUTPUT = join(ROOT, "target/xtask/npm-test");

const all = readdirSync(join(NPM, "test")).filter((name) => name.endsWith(".test.ts"));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`no such test file in npm/test: ${unknown.join(", ")}`);
const names = (wanted.length > 0 ? wanted : all).sort();

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });
writeFileSync(join(OUTPUT, "package.json"), '{ "type": "module" }');
buildSync({
  entryPoints: names.map((name) => join(NPM, "test", name)),
  outdir: OUTPUT,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  loader: { ".css": "empty" },
  alias: {
    cr3dentials_embed: join(NPM, "test/cr3dentials_embed.ts"),
    "component.css": join(ROOT, "style/component.css"),
  },
  logLevel: "warning",
});

const files = names.map((name) => join(OUTPUT, name.replace(/\.ts$/, ".js")));
// The tests read fixtures from the project's folder.
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], {
  cwd: ROOT,
  stdio: "inherit",
});
process.exit(status ?? 1);
