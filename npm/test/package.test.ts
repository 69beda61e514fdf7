import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";

import { ROOT } from "./dom.js";

type Target = string | null | { readonly [condition: string]: Target };

interface Package {
  readonly exports: Readonly<Record<string, Target>>;
  readonly files: readonly string[];
  readonly sideEffects: readonly string[];
  readonly customElements?: string;
}

const NPM = join(ROOT, "npm");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const manifest = JSON.parse(read("npm/package.json")) as Package;

/** The sources that the build bundles, each into a file of the same name. */
const ENTRIES = matches(read("xtask/src/build.rs"), /esbuild\("src\/([\w-]+)\.ts"\)/g);

/** The files that package.json refers to in the build, as listed by the build script. */
const BUILT = [
  ...ENTRIES.map((name) => `${name}.js`),
  ...matches(read("xtask/src/build.rs").split("const DECLARATIONS")[1]?.split("];")[0] ?? "", /"([\w-]+)"/g).map(
    (name) => `${name}.d.ts`,
  ),
  ...readdirSync(join(NPM, "src/locales")).map((name) => `locales/${name.replace(/json$/, "js")}`),
  "cr3dentials_embed_bg.wasm",
].map((name) => `./build/${name}`);

test("the build lists its output", () => {
  for (const name of ["index.js", "element.js", "index.d.ts", "locales/de.js"]) {
    assert.ok(BUILT.includes(`./build/${name}`), name);
  }
});

test("every export resolves to a file that is built, or that exists and is packed", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    for (const path of pathsOf(target)) {
      const [before, after] = path.split("*");
      const made = BUILT.some((file) => (after === undefined ? file === path : fits(file, before ?? "", after)));
      assert.ok(made || isPacked(path), `${name}: ${path} is neither built nor packed`);
    }
  }
});

test("types come first in each condition, and the fallback comes last", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    for (const conditions of conditionsOf(target)) {
      const names = Object.keys(conditions);
      assert.equal(names[0], "types", `${name}: ${names.join(", ")}`);
      assert.equal(names.at(-1), "default", `${name}: ${names.join(", ")}`);
    }
  }
});

test("bundlers keep the entries that define the tag, and may drop the others", () => {
  const defining = ENTRIES.filter((name) => /^define\(\);$/m.test(read(`npm/src/${name}.ts`)));
  assert.ok(defining.includes("element"));
  assert.deepEqual([...manifest.sideEffects].sort(), defining.map((name) => `./build/${name}.js`).sort());
});

test("the packed files are listed one by one", () => {
  assert.ok(manifest.files.includes("build"));
  for (const name of manifest.files) {
    assert.match(name, /^[\w.-]+$/, "no pattern, and no path outside the package");
    // The build and the licenses are added before packing.
    assert.ok(name === "build" || /^LICENSE/.test(name) || existsSync(join(NPM, name)), name);
  }
});

test("the element's manifest is generated from the sources", () => {
  const output = join(NPM, "../target/xtask/manifest");
  const analyzer = join(NPM, "node_modules/@custom-elements-manifest/analyzer/cem.js");
  const options = ["--config", "custom-elements-manifest.config.mjs", "--outdir", relative(NPM, output), "--quiet"];
  execFileSync(process.execPath, [analyzer, "analyze", ...options], { cwd: NPM });
  const [generated, committed] = [output, NPM].map((folder) =>
    readFileSync(join(folder, "custom-elements.json"), "utf8"),
  );
  assert.equal(committed, generated, "it is out of date: run `npm run manifest`");
});

test("the element's manifest is at the path in package.json and is packed", () => {
  const path = manifest.customElements ?? "";
  assert.ok(isPacked(`./${path}`), path);
  const { modules } = JSON.parse(read(`npm/${path}`)) as { modules: { path: string }[] };
  for (const module of modules) assert.ok(BUILT.includes(`./${module.path}`), module.path);
});

function isPacked(path: string): boolean {
  const [top = ""] = path.replace(/^\.\//, "").split("/");
  return (
    existsSync(join(NPM, path)) && (path === "./package.json" || (top !== "build" && manifest.files.includes(top)))
  );
}

function pathsOf(target: Target): string[] {
  // The targets a pattern must not resolve to.
  if (target === null) return [];
  return typeof target === "string" ? [target] : Object.values(target).flatMap(pathsOf);
}

function conditionsOf(target: Target): Readonly<Record<string, Target>>[] {
  return typeof target === "string" || target === null ? [] : [target, ...Object.values(target).flatMap(conditionsOf)];
}

function fits(file: string, before: string, after: string): boolean {
  return file.startsWith(before) && file.endsWith(after);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? "");
}
