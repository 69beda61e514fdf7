import text from "component.css";
import { quietly } from "../../src/browser/shell/dom.js";
import { PageAround } from "../../src/browser/shell/page.js";
import type { Shell } from "../../src/browser/shell/shell.js";

/** A constructed sheet belongs to one document. */
const made = new WeakMap<Document, CSSStyleSheet>();

/** Adds the styles to a shell, and the page around it. Again after a move to another document. */
export function dress(shell: Shell): void {
  shell.page ??= new PageAround(shell);
  shell.page.observe();
  const root = shell.dialog.getRootNode() as ShadowRoot;
  // An engine without constructed sheets shows the view unstyled.
  quietly(() => {
    root.adoptedStyleSheets = [sheet(root.ownerDocument)];
  });
}

/**
 * Returns the constructed sheet shared by every element of the document. It needs no `unsafe-inline` in the page's
 * policy.
 */
function sheet(document: Document): CSSStyleSheet {
  const present = made.get(document);
  if (present) return present;
  const sheet = new (document.defaultView ?? globalThis).CSSStyleSheet();
  sheet.replaceSync(text);
  made.set(document, sheet);
  return sheet;
}
