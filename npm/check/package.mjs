// The package as published: its files, and the findings of tools that check packages.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { command, freshFolder, NPM, SCRATCH } from "./project.mjs";

const BUILD = join(NPM, "build");
const LISTED = join(import.meta.dirname, "packed-files.txt");

/** Packs npm/. Returns the path of the tarball and the names of its files. */
export async function pack(folder = freshFolder("packed"), from = NPM) {
  const output = await command("npm", ["pack", from, "--json", "--ignore-scripts", "--pack-destination", folder]);
  const [{ filename, files }] = JSON.parse(output.slice(output.search(/^\[/m)));
  return { tarball: join(folder, filename), files: files.map(({ path }) => path).sort() };
}

export async function checkPackage(report, { tarball, files }, bless) {
  const manifest = JSON.parse(readFileSync(join(NPM, "package.json"), "utf8"));
  await report.check("package: packed files", () => {
    const found = files.map((file) => `${file}\n`).join("");
    if (bless) return writeFileSync(LISTED, found);
    const listed = readFileSync(LISTED, "utf8").split("\n").filter(Boolean);
    const wrong = [
      ...files.filter((file) => !listed.includes(file)).map((file) => `+ ${file}`),
      ...listed.filter((file) => !files.includes(file)).map((file) => `- ${file}`),
    ];
    if (wrong.length > 0) throw new Error(`${wrong.join("\n")}\nIf this is intended, run again with --bless.`);
  });
  await report.check("package: every file named in package.json is packed", () => {
    const named = [...Object.values(manifest.exports).flatMap(pathsOf), ...manifest.sideEffects];
    const missing = named.filter((path) => !files.some((file) => matches(path, `./${file}`)));
    if (missing.length > 0) throw new Error(`These are not packed: ${missing.join(", ")}`);
  });
  await report.check("package: the standalone file imports no other, and its hash matches", () => {
    const file = readFileSync(join(BUILD, "standalone.js"));
    const found = /(from|import)\s*\(?\s*["'`]/.exec(file.toString());
    if (found) throw new Error(`it contains ${found[0]}`);
    const hash = `sha384-${createHash("sha384").update(file).digest("base64")}\n`;
    const listedHash = readFileSync(join(BUILD, "standalone.js.sri"), "utf8");
    if (listedHash !== hash) throw new Error(`its hash is ${hash}, but the file next to it has ${listedHash}`);
  });
  for (const file of readdirSync(BUILD).filter((name) => name.endsWith(".js"))) {
    await report.check(
      `package: importing ${file} does nothing on a server, and defines the documented tags on a page`,
      async () => {
        const server = await imported(file, false);
        if (server.globals.length + server.defined.length > 0)
          throw new Error(`on a server: ${JSON.stringify(server)}`);
        const { defined } = await imported(file, true);
        const promised = manifest.sideEffects.includes(`./build/${file}`) ? ["cr3dentials-verify"] : [];
        if (defined.join() !== promised.join()) throw new Error(`on a page it defines ${defined.join() || "nothing"}`);
      },
    );
  }
  await report.check("package: no code uses a class that a page may have replaced", () => {
    for (const file of readdirSync(BUILD).filter((name) => name.endsWith(".js"))) {
      const classes = readFileSync(join(BUILD, file), "utf8").matchAll(/\binstanceof ([\w.]+)/g);
      // Short names are local to the file. The others are in wasm-bindgen's loader, applied to the arguments that the
      // host passes to it (a compiled module or its bytes) and in a text for debugging.
      const loaders = ["Response", "Request", "URL", "Error", "WebAssembly.Instance", "WebAssembly.Module"];
      const used = [...classes].map(([, name]) => name).filter((name) => name.length > 2 && !loaders.includes(name));
      if (used.length > 0) throw new Error(`${file} uses ${used.join()}`);
    }
  });
  await report.check("package: publint", () => tool("publint", "run", tarball, "--strict"));
  // The package has only ES modules, so resolution by `require` is not checked, and a .wasm file has no types. All
  // other rules are on.
  await report.check("package: are the types wrong?", () =>
    tool(
      ...["attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", "./cr3dentials_embed_bg.wasm"],
      ...["--no-definitely-typed", "--no-emoji", "--format", "ascii"],
    ),
  );
  await report.check("package: the licenses are packed", () => {
    const missing = ["LICENSE-MIT", "LICENSE-APACHE"].filter((file) => !files.includes(file));
    if (missing.length > 0) throw new Error(`These are not packed: ${missing.join(", ")}`);
  });
  await report.check("package: npm publish --dry-run", async () => {
    // A dry run does not check this.
    if (manifest.private) throw new Error('package.json says "private", so npm would refuse to publish it.');
    const output = await command("npm", ["publish", tarball, "--dry-run", "--tag", "next"], { cwd: SCRATCH });
    // npm reports what it corrects. The warning about a missing login is expected.
    const warnings = output.split("\n").filter((line) => /^npm (warn|error)/.test(line) && !line.includes("logged in"));
    if (warnings.length > 0) throw new Error(warnings.join("\n"));
  });
  await report.check("package: npm publish in its folder is refused", async () => {
    if (manifest.private) return;
    const output = await command("npm", ["publish", "--dry-run", "--tag", "next"], { cwd: NPM }).catch(
      (error) => error.message,
    );
    if (!output.includes("cargo xtask npm")) {
      throw new Error(
        `prepublishOnly should refuse it and name \`cargo xtask npm\`, which packs what is built:\n${output}`,
      );
    }
  });
}

/** Imports a built file in a new Node process and returns what it defines. A page has a custom element registry. */
async function imported(file, page) {
  const registry = "{ get: () => undefined, define: (tag) => defined.push(tag) }";
  const script = `
    const defined = [];
    ${page ? `globalThis.HTMLElement = class {}; globalThis.customElements = ${registry};` : ""}
    const before = new Set(Reflect.ownKeys(globalThis));
    await import(${JSON.stringify(pathToFileURL(join(BUILD, file)).href)});
    const globals = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
    console.log(JSON.stringify({ globals, defined }));`;
  return JSON.parse(await command(process.execPath, ["--input-type=module", "--eval", script]));
}

function tool(name, ...args) {
  return command(process.execPath, [join(NPM, "node_modules/.bin", name), ...args], { cwd: NPM });
}

function pathsOf(entry) {
  // A null target only excludes paths from a pattern.
  if (entry === null) return [];
  return typeof entry === "string" ? [entry] : Object.values(entry).flatMap(pathsOf);
}

function matches(pattern, path) {
  const [before, after] = pattern.split("*");
  return after === undefined ? pattern === path : path.startsWith(before) && path.endsWith(after);
}
