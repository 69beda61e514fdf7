// More pages for the example without a bundler, derived from its first page.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

import { NPM } from "./project.mjs";

const FIXTURES = join(import.meta.dirname, "fixtures/pages");
const ROUTERS = join(import.meta.dirname, "fixtures/routers");
const DIALOGS = join(import.meta.dirname, "fixtures/dialogs");
/** The response headers of some pages. */
const HEADERS = `const headers = {
  "/report-only.html": { "Content-Security-Policy-Report-Only": "frame-src 'self'" },
  "/isolated.html": { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  "/credentialless.html":
    { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "credentialless" },
};
export const headersFor = (path) => headers[path] ?? {};
`;
const WATCH = ["<title>", '<script src="watch.js"></script>\n    <title>'];
const PACKAGES = join(NPM, "node_modules");
/** Replacements for the browser's `Promise`, each with the script that installs it. */
const PROMISES = {
  zone: ["zone.js/bundles/zone.umd.js", ""],
  bluebird: ["bluebird/js/browser/bluebird.js", "<script>window.Promise = Promise = P;</script>"],
};
const ELEMENT = /<cr3dentials-verify.*<\/cr3dentials-verify>/;

/**
 * Writes the pages into the copy of plain-html in `folder`:
 *
 * - `watched.html`: the example's page, which records events (`fixtures/pages/watch.js`)
 * - `plain.html`: the same in a browser without WebAssembly
 * - `forbidden.html`: the same under a policy that forbids WebAssembly
 * - `modal.html`: the same with a button that opens a dialog
 * - `empty.html`: no element yet; `start(options)` inserts one
 * - `versions.html`: the same, with the package loaded a second time, in the version of `public/second`
 * - `fake.html`: the element of the package's `testing`
 * - `zone.html`, `bluebird.html`: `empty.html` with another `Promise` in place of the browser's
 * - `report-only.html`: `watched.html` under a report-only policy that forbids the frame
 * - `isolated.html`, `credentialless.html`: `empty.html` under policies that allow only frames which opt in
 * - `radix.html`: an open dialog by Radix, with a place for the element inside it or beside it
 * - `router-vue.html`, `router-react.html`: routes, with the element on the first; `done.html`: the page they may lead to
 */
export function addPages(folder) {
  const to = join(folder, "public");
  cpSync(FIXTURES, to, { recursive: true });
  const write = writerTo(to);
  write("watched.html", [WATCH]);
  write("plain.html", [WATCH, ["<title>", "<script>delete window.WebAssembly;</script>\n    <title>"]]);
  const policy = `<meta http-equiv="Content-Security-Policy" content="script-src 'self' 'unsafe-inline'" />`;
  write("forbidden.html", [WATCH, ['<script src="watch.js">', `${policy}\n    <script src="watch.js">`]]);
  const opener = '<button id="opener" onclick="document.querySelector(\'cr3dentials-verify\').open()">Verify</button>';
  write("modal.html", [WATCH, ["<cr3dentials-verify", `${opener}\n    <cr3dentials-verify mode="modal"`]]);
  const empty = (script) => [WATCH, [ELEMENT, "<main></main>"], ['src="page.js"', `src="${script}"`]];
  write("empty.html", empty("define.js"));
  write("versions.html", empty("versions.js"));
  write("fake.html", empty("fake.js"));
  for (const [name, [file, after]] of Object.entries(PROMISES)) {
    cpSync(join(PACKAGES, file), join(to, `${name}.js`));
    const scripts = ["<title>", `<script src="${name}.js"></script>${after}\n    <title>`];
    write(`${name}.html`, [...empty("define.js"), scripts]);
  }
  write("report-only.html", [WATCH]);
  for (const name of ["isolated", "credentialless"]) write(`${name}.html`, empty("define.js"));
  bundle(join(DIALOGS, "radix.js"), join(to, "radix-dialog.js"));
  const radix = '<div id="root"></div><script type="module" src="radix-dialog.js"></script>';
  write("radix.html", [WATCH, [ELEMENT, radix], ['src="page.js"', 'src="define.js"']]);
  write("done.html", [WATCH, [ELEMENT, '<p id="route">done</p>'], ['src="page.js"', 'src="define.js"']]);
  for (const router of ["vue", "react"]) {
    bundle(join(ROUTERS, `${router}.js`), join(to, `router-${router}.js`));
    const script = `<script type="module" src="/router-${router}.js"></script>`;
    const root = `<div id="root"></div>${script}`;
    write(`router-${router}.html`, [
      WATCH,
      [ELEMENT, root],
      ['src="page.js"', 'src="/define.js"'],
      ['"./cr3d', '"/cr3d'],
    ]);
  }
  writeFileSync(join(folder, "headers.mjs"), HEADERS);
  const manifest = join(folder, "package.json");
  const served = readFileSync(manifest, "utf8").replace("server.mjs dist", "server.mjs dist headers.mjs");
  writeFileSync(manifest, served);
}

/** Bundles a page's script with everything it imports into one file. */
function bundle(from, to) {
  buildSync({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"', __VUE_PROD_DEVTOOLS__: "false" },
    nodePaths: [PACKAGES],
    logLevel: "error",
  });
}

/** Writes `react-<version>.html` for each version, which loads the app `react-<version>.js`. */
export function addReactPages(folder, versions) {
  const to = join(folder, "public");
  cpSync(join(FIXTURES, "watch.js"), join(to, "watch.js"));
  const outcome = ['<p id="outcome" role="status"></p>', ""];
  for (const version of versions) {
    const script = ['src="page.js"', `src="react-${version}.js"`];
    writerTo(to)(`react-${version}.html`, [WATCH, [ELEMENT, '<div id="root"></div>'], outcome, script]);
  }
}

/** Returns a function that writes variants of the first page into `folder`. */
function writerTo(folder) {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  return (name, changes) => {
    const text = changes.reduce((before, [what, by]) => {
      const after = before.replace(what, by);
      if (after === before) throw new Error(`plain-html's page does not contain ${what}`);
      return after;
    }, page);
    writeFileSync(join(folder, name), text);
  };
}
