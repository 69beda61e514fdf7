// The package as npm gets it: which files, and whether tools that read packages find fault with it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { command, freshFolder, NPM, SCRATCH } from "./project.mjs";

const BUILD = join(NPM, "build");
const LISTED = join(import.meta.dirname, "packed-files.txt");

/** Packs npm/. Answers where the tarball is and which files are in it. */
export async function pack(folder = freshFolder("packed"), from = NPM) {
  const said = await command("npm", ["pack", from, "--json", "--ignore-scripts", "--pack-destination", folder]);
  const [{ filename, files }] = JSON.parse(said.slice(said.search(/^\[/m)));
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
    if (wrong.length > 0) throw new Error(`${wrong.join("\n")}\nIf this is meant, run again with --bless.`);
  });
  await report.check("package: every file that package.json names", () => {
    const named = [...Object.values(manifest.exports).flatMap(pathsOf), ...manifest.sideEffects];
    const missing = named.filter((path) => !files.some((file) => matches(path, `./${file}`)));
    if (missing.length > 0) throw new Error(`These are not packed: ${missing.join(", ")}`);
  });
  await report.check("package: the standalone file asks for no other, and its hash is the one beside it", () => {
    const file = readFileSync(join(BUILD, "standalone.js"));
    const asked = /(from|import)\s*\(?\s*["'`]/.exec(file.toString());
    if (asked) throw new Error(`it says ${asked[0]}`);
    const hash = `sha384-${createHash("sha384").update(file).digest("base64")}\n`;
    const beside = readFileSync(join(BUILD, "standalone.js.sri"), "utf8");
    if (beside !== hash) throw new Error(`it is ${hash}, and beside it stands ${beside}`);
  });
  for (const file of readdirSync(BUILD).filter((name) => name.endsWith(".js"))) {
    await report.check(`package: importing ${file} does nothing on a server, and defines what it says on a page`, async () => {
      const server = await imported(file, false);
      if (server.globals.length + server.defined.length > 0) throw new Error(`on a server: ${JSON.stringify(server)}`);
      const { defined } = await imported(file, true);
      const promised = manifest.sideEffects.includes(`./build/${file}`) ? ["cr3dentials-verify"] : [];
      if (defined.join() !== promised.join()) throw new Error(`on a page it defines ${defined.join() || "nothing"}`);
    });
  }
  await report.check("package: nothing asks for a class that a page may have replaced", () => {
    for (const file of readdirSync(BUILD).filter((name) => name.endsWith(".js"))) {
      const classes = readFileSync(join(BUILD, file), "utf8").matchAll(/\binstanceof ([\w.]+)/g);
      // Short names are the file's own. The others stand in wasm-bindgen's loader: of what the host hands to it, which is
      // a compiled module or its bytes, and in a text for debugging.
      const loaders = ["Response", "Request", "URL", "Error", "WebAssembly.Instance", "WebAssembly.Module"];
      const asked = [...classes].map(([, name]) => name).filter((name) => name.length > 2 && !loaders.includes(name));
      if (asked.length > 0) throw new Error(`${file} asks for ${asked.join()}`);
    }
  });
  await report.check("package: publint", () => tool("publint", "run", tarball, "--strict"));
  // The package has ES modules only, so what `require` finds is not looked at; and a .wasm file has no types. No other
  // rule is off.
  await report.check("package: are the types wrong?", () =>
    tool(
      ...["attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", "./cr3dentials_embed_bg.wasm"],
      ...["--no-definitely-typed", "--no-emoji", "--format", "ascii"],
    ),
  );
  await report.check("package: its licences are in it", () => {
    const missing = ["LICENSE-MIT", "LICENSE-APACHE"].filter((file) => !files.includes(file));
    if (missing.length > 0) throw new Error(`These are not packed: ${missing.join(", ")}`);
  });
  await report.check("package: npm publish --dry-run", async () => {
    // A dry run does not look at this.
    if (manifest.private) throw new Error('package.json says "private", so npm would refuse to publish it.');
    const said = await command("npm", ["publish", tarball, "--dry-run", "--tag", "next"], { cwd: SCRATCH });
    // npm puts right what it can, and says so. That nobody is logged in is as it should be.
    const warnings = said.split("\n").filter((line) => /^npm (warn|error)/.test(line) && !line.includes("logged in"));
    if (warnings.length > 0) throw new Error(warnings.join("\n"));
  });
  await report.check("package: npm publish in its folder is refused", async () => {
    if (manifest.private) return;
    const said = await command("npm", ["publish", "--dry-run", "--tag", "next"], { cwd: NPM }).catch(
      (error) => error.message,
    );
    if (!said.includes("cargo xtask npm")) {
      throw new Error(
        `prepublishOnly should refuse it and name \`cargo xtask npm\`, which packs what is built:\n${said}`,
      );
    }
  });
}

/** What a built file does when it is imported in a Node of its own; on a page there is a registry of elements. */
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
  // What a pattern must not lead to.
  if (entry === null) return [];
  return typeof entry === "string" ? [entry] : Object.values(entry).flatMap(pathsOf);
}

function matches(pattern, path) {
  const [before, after] = pattern.split("*");
  return after === undefined ? pattern === path : path.startsWith(before) && path.endsWith(after);
}
