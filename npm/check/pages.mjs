// Further pages for the example that needs no bundler, made from its own.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ELEMENT = /<cr3dentials-verify.*<\/cr3dentials-verify>/;

/**
 * Writes them into the copy of plain-html in `folder`:
 *
 * - `watched.html`: the example's page, which keeps what happens (`fixtures/pages/watch.js`)
 * - `plain.html`: the same in a browser without WebAssembly
 * - `modal.html`: the same with a button that opens a dialog
 * - `empty.html`: no element yet; `start(options)` puts one in
 * - `versions.html`: the same, with the package loaded a second time, in the version of `public/second`
 * - `fake.html`: the element of the package's `testing`
 */
export function addPages(folder) {
  const to = join(folder, "public");
  cpSync(join(import.meta.dirname, "fixtures/pages"), to, { recursive: true });
  const page = readFileSync(join(to, "index.html"), "utf8");
  const write = (name, changes) => {
    const text = changes.reduce((before, [what, by]) => {
      const after = before.replace(what, by);
      if (after === before) throw new Error(`plain-html's page has no ${what} any more`);
      return after;
    }, page);
    writeFileSync(join(to, name), text);
  };
  const watch = ["<title>", '<script src="watch.js"></script>\n    <title>'];
  write("watched.html", [watch]);
  write("plain.html", [watch, ["<title>", "<script>delete window.WebAssembly;</script>\n    <title>"]]);
  const opener = '<button id="opener" onclick="document.querySelector(\'cr3dentials-verify\').open()">Verify</button>';
  write("modal.html", [watch, ["<cr3dentials-verify", `${opener}\n    <cr3dentials-verify mode="modal"`]]);
  const empty = (script) => [watch, [ELEMENT, "<main></main>"], ['src="page.js"', `src="${script}"`]];
  write("empty.html", empty("define.js"));
  write("versions.html", empty("versions.js"));
  write("fake.html", empty("fake.js"));
}
