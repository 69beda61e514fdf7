import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { ROOT } from "./dom.js";

type Target = string | { readonly [condition: string]: Target };

interface Package {
  readonly exports: Readonly<Record<string, Target>>;
  readonly files: readonly string[];
  readonly sideEffects: readonly string[];
  readonly customElements?: string;
}

const NPM = join(ROOT, "npm");
const BUILD = join(NPM, "build");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const manifest = JSON.parse(read("npm/package.json")) as Package;

/** The sources that the build bundles: each becomes a file of its name. */
const ENTRIES = matches(read("xtask/src/build.rs"), /esbuild\("src\/([\w-]+)\.ts"\)/g);

/** Everything that the build makes, as package.json names it. The build itself says what that is. */
const BUILT = [
  ...ENTRIES.map((name) => `${name}.js`),
  ...matches(read("xtask/src/build.rs").split("const DECLARATIONS")[1]?.split("];")[0] ?? "", /"([\w-]+)"/g).map(
    (name) => `${name}.d.ts`,
  ),
  ...readdirSync(join(NPM, "src/locales")).map((name) => `locales/${name.replace(/json$/, "js")}`),
  ...["cr3dentials_embed.js", "cr3dentials_embed_bg.wasm"],
].map((name) => `./build/${name}`);

test("the build says what it makes", () => {
  for (const name of ["index.js", "element.js", "index.d.ts", "locales/de.js"]) {
    assert.ok(BUILT.includes(`./build/${name}`), name);
  }
});

test("every export leads to a file that the build makes, or that is there and packed", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    for (const path of pathsOf(target)) {
      const [before, after] = path.split("*");
      const made = BUILT.some((file) => (after === undefined ? file === path : fits(file, before ?? "", after)));
      assert.ok(made || isPacked(path), `${name}: ${path} is neither made nor packed`);
    }
  }
});

test("types come first in each condition, and what everything else falls back on comes last", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    for (const conditions of conditionsOf(target)) {
      const names = Object.keys(conditions);
      assert.equal(names[0], "types", `${name}: ${names.join(", ")}`);
      assert.equal(names.at(-1), "default", `${name}: ${names.join(", ")}`);
    }
  }
});

test("a bundler keeps the entries that define the tag, and may leave out any other", () => {
  const defining = ENTRIES.filter((name) => /^define\(\);$/m.test(read(`npm/src/${name}.ts`)));
  assert.ok(defining.includes("element"));
  assert.deepEqual([...manifest.sideEffects].sort(), defining.map((name) => `./build/${name}.js`).sort());
});

test("the packed files are named one by one", () => {
  assert.ok(manifest.files.includes("build"));
  for (const name of manifest.files) {
    assert.match(name, /^[\w.-]+$/, "no pattern and no path out of the package");
    // The build and the licences are put there before it is packed.
    assert.ok(name === "build" || /^LICENSE/.test(name) || existsSync(join(NPM, name)), name);
  }
});

test("the element's description is where package.json says, and is packed", () => {
  const path = manifest.customElements ?? "";
  assert.ok(isPacked(`./${path}`), path);
  const { modules } = JSON.parse(read(`npm/${path}`)) as { modules: { path: string }[] };
  for (const module of modules) assert.ok(BUILT.includes(`./${module.path}`), module.path);
});

const notBuilt = whyNotBuilt();
if (notBuilt) console.log(`package.test: npm/build is not looked at: ${notBuilt}`);
const options = notBuilt ? { skip: notBuilt } : {};

test("everything that the build says it makes is there", options, () => {
  for (const path of BUILT) assert.ok(existsSync(join(NPM, path)), path);
});

test("the standalone file asks for no other, and its hash is the one beside it", options, () => {
  const text = readFileSync(join(BUILD, "standalone.js"));
  assert.doesNotMatch(text.toString(), /(from|import)\s*\(?\s*["'`]/);
  const hash = createHash("sha384").update(text).digest("base64");
  assert.equal(readFileSync(join(BUILD, "standalone.js.sri"), "utf8"), `sha384-${hash}\n`);
});

for (const name of ENTRIES) {
  test(`importing the built ${name}.js on a server throws nothing and defines nothing`, options, async () => {
    assert.deepEqual(await imported(name, ""), { globals: [], defined: [] });
  });

  test(`importing the built ${name}.js beside a registry defines what it says`, options, async () => {
    const defines = manifest.sideEffects.includes(`./build/${name}.js`);
    const { defined } = await imported(name, "globalThis.HTMLElement = class {};");
    assert.deepEqual(defined, defines ? ["cr3dentials-verify"] : []);
  });
}

/** Imports a built entry in a Node of its own. With `page`, there is a registry of elements, as in a browser. */
async function imported(name: string, page: string): Promise<{ globals: string[]; defined: string[] }> {
  const script = `
    const defined = [];
    ${page && `${page} globalThis.customElements = { get: () => undefined, define: (tag) => defined.push(tag) };`}
    const before = new Set(Reflect.ownKeys(globalThis));
    await import(${JSON.stringify(pathToFileURL(join(BUILD, `${name}.js`)).href)});
    const globals = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
    console.log(JSON.stringify({ globals, defined }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return JSON.parse(stdout) as { globals: string[]; defined: string[] };
}

/** Why what is in npm/build says nothing about the sources; nothing when it does. */
function whyNotBuilt(): string | undefined {
  if (!existsSync(join(BUILD, "index.js"))) return "there is none; `cargo xtask build` makes it";
  const time = (path: string) => statSync(path).mtimeMs;
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? below(join(folder, entry.name)) : [join(folder, entry.name)],
    );
  const sources = [...below(join(NPM, "src")), join(ROOT, "xtask/src/build.rs"), join(ROOT, "style/component.css")];
  const oldest = Math.min(...below(BUILD).map(time));
  const newer = sources.find((path) => time(path) > oldest);
  return newer && `${newer.slice(ROOT.length + 1)} is newer; \`cargo xtask build\` makes it again`;
}

function isPacked(path: string): boolean {
  const [top = ""] = path.replace(/^\.\//, "").split("/");
  return existsSync(join(NPM, path)) && (path === "./package.json" || (top !== "build" && manifest.files.includes(top)));
}

function pathsOf(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(pathsOf);
}

function conditionsOf(target: Target): Readonly<Record<string, Target>>[] {
  return typeof target === "string" ? [] : [target, ...Object.values(target).flatMap(conditionsOf)];
}

function fits(file: string, before: string, after: string): boolean {
  return file.startsWith(before) && file.endsWith(after);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? "");
}
