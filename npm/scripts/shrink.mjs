// Minimizes wasm-bindgen's output: `node shrink.mjs FROM TO NAME`.
//
// wasm-bindgen exports every class that any crate of the dependency tree marks, and gives each import and export a long
// name with a hash. This script removes the classes that are never used with the code that only they need, and shortens
// the names on both sides. It fails the build if anything is not found exactly as expected: no output is better than a
// broken one.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const [from, to, name] = process.argv.slice(2);

/** WebAssembly features that wasm-bindgen and the compiler use by default. Every supported browser has them. */
const FEATURES = [
  "bulk-memory",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
].map((feature) => `--enable-${feature}`);

/**
 * Structural replacements for Leptos's class checks. A page may have assigned another value to a class's name, and a
 * module whose check of the window fails stops.
 */
const STRUCTURE = {
  Element: "arg0?.nodeType === 1",
  HTMLInputElement: 'arg0?.localName === "input"',
  ShadowRoot: "arg0?.nodeType === 11 && !!arg0.host",
  Window: "arg0 === globalThis",
};

const glue = minified(byStructure(withoutForeignClasses(readFileSync(join(from, `${name}.js`), "utf8"))));
const used = dropUnusedExports(join(from, `${name}_bg.wasm`), join(from, "used.wasm"));
const names = optimize(used, join(to, `${name}_bg.wasm`));
writeFileSync(join(to, `${name}.js`), renamed(glue, names));

/** Removes the classes for streams that Leptos's dependencies export and this package never uses. */
function withoutForeignClasses(source) {
  const classes = /export class IntoUnderlying\w+ \{.*?\n\}\n(?:if \(Symbol\.dispose\)[^\n]*\n)?/gs;
  const registries = /const IntoUnderlying\w+Finalization = .*?;\n/gs;
  const rest = source.replaceAll(classes, "").replaceAll(registries, "");
  if (rest.includes("IntoUnderlying")) throw new Error("wasm-bindgen's output for these classes has changed");
  return rest;
}

/** Replaces the checks of the page's classes. */
function byStructure(source) {
  return source.replaceAll(/result = arg0 instanceof (\w+);/g, (_, name) => {
    expect(STRUCTURE[name], `the module checks for the class ${name}, which pages replace`);
    return `result = ${STRUCTURE[name]};`;
  });
}

/** Keeps only the parts of the glue that the host uses. */
function minified(source) {
  const pruned = join(from, "pruned.js");
  writeFileSync(pruned, source);
  const [file] = buildSync({
    stdin: { contents: `export { mount, Handle, default } from "./pruned.js";`, resolveDir: from },
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
  }).outputFiles;
  return file.text;
}

/** Removes the exports that the glue does not use, and the code that only they reach. */
function dropUnusedExports(input, output) {
  const all = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(input))).map((entry) => entry.name);
  const reaches = all.filter((entry) => count(glue, member(entry)) > 0);
  const graph = [{ name: "outside", reaches, root: true }, ...all.map((entry) => ({ name: entry, export: entry }))];
  const file = join(from, "exports.json");
  writeFileSync(file, JSON.stringify(graph));
  run("wasm-metadce", input, `--graph-file=${file}`, "-o", output);
  return output;
}

/** Optimizes the module and returns the short names. */
function optimize(input, output) {
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  // Inlines functions that are called once or are tiny: fewer bytes after compression.
  const inline = ["-aimfs", "5", "-ocimfs", "25", "-fimfs", "5"];
  const passes = ["-Os", "-Oz", ...inline, "--minify-imports-and-exports-and-modules"];
  return JSON.parse(run("wasm-opt", input, "-o", output, ...strip, ...passes));
}

/**
 * Applies the short names. Imports are keys of an object under the module's name; exports are members of the instance.
 */
function renamed(source, { imports, exports }) {
  let text = source;
  for (const module of new Set(imports.map(([module]) => module))) {
    expect(text.split(`"${module}"`).length === 2, `the module ${module} is not named exactly once`);
    text = text.replace(`"${module}"`, "a");
  }
  const keys = new Map(imports.map(([, long, short]) => [long, short]));
  for (const long of keys.keys())
    expect(count(text, key(long)) === 1, `the import ${long} does not occur exactly once`);
  for (const [long] of exports) expect(count(text, member(long)) > 0, `the export ${long} is not used`);
  const members = new Map(exports.map(([long, short]) => [`.${long}`, `.${short}`]));
  // In one pass: a short name may equal a long one that has not been replaced yet.
  return text.replaceAll(/\.?[\w$]+/g, (found) => members.get(found) ?? keys.get(found) ?? found);
}

function key(long) {
  return new RegExp(`(?<![\\w$.])${escaped(long)}(?![\\w$])`, "g");
}

function member(long) {
  return new RegExp(`\\.${escaped(long)}(?![\\w$])`, "g");
}

function escaped(text) {
  return text.replaceAll("$", "\\$");
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

function expect(holds, problem) {
  if (!holds) throw new Error(problem);
}

function run(tool, ...args) {
  const path = fileURLToPath(new URL(`../node_modules/.bin/${tool}`, import.meta.url));
  return execFileSync(path, [...args, ...FEATURES], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
