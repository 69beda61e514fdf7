// Further pages for the example that needs no bundler, made from its own.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FIXTURES = join(import.meta.dirname, "fixtures/pages");
const WATCH = ["<title>", '<script src="watch.js"></script>\n    <title>'];
const ELEMENT = /<cr3dentials-verify.*<\/cr3dentials-verify>/;

/**
 * Writes them into the copy of plain-html in `folder`:
 *
 * - `watched.html`: the example's page, which keeps what happens (`fixtures/pages/watch.js`)
 * - `plain.html`: the same in a browser without WebAssembly
 * - `forbidden.html`: the same under a policy that forbids WebAssembly
 * - `modal.html`: the same with a button that opens a dialog
 * - `empty.html`: no element yet; `start(options)` puts one in
 * - `versions.html`: the same, with the package loaded a second time, in the version of `public/second`
 * - `fake.html`: the element of the package's `testing`
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

/** Writes pages into `folder` that are its first one but for some changes. */
function writerTo(folder) {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  return (name, changes) => {
    const text = changes.reduce((before, [what, by]) => {
      const after = before.replace(what, by);
      if (after === before) throw new Error(`plain-html's page has no ${what} any more`);
      return after;
    }, page);
    writeFileSync(join(folder, name), text);
  };
}
