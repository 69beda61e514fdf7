import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { setGlobal } from "./support.js";

/** The project's root, also when the compiled test is in another folder. */
export const ROOT = above(dirname(fileURLToPath(import.meta.url)));

interface Jsdom {
  JSDOM: new (html: string, options: { url: string }) => { window: Window & typeof globalThis };
}

/** The globals that React and the element read. */
const GLOBALS =
  "document navigator HTMLElement HTMLIFrameElement Event CustomEvent customElements MutationObserver".split(" ");

/** Opens a page with jsdom and sets its globals. Call it before React is loaded, which reads them only once. */
export function openPage(html = "<!doctype html><body></body>"): Document {
  // Not bundled, because it reads its own files at run time.
  const { JSDOM } = createRequire(join(ROOT, "npm/package.json"))("jsdom") as Jsdom;
  const { window } = new JSDOM(html, { url: "https://partner.example/apply" });
  setGlobal("window", window);
  for (const name of GLOBALS) setGlobal(name, Reflect.get(window, name));
  return window.document;
}

function above(folder: string): string {
  const there = existsSync(join(folder, "tests/fixtures/traces"));
  if (!there && dirname(folder) === folder) throw new Error("the project's root was not found");
  return there ? folder : above(dirname(folder));
}
