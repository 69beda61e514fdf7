import text from "component.css";

let made: CSSStyleSheet | undefined;

/**
 * Returns the constructed sheet shared by every element of the page. It needs no `unsafe-inline` in the page's policy.
 */
export function sheet(): CSSStyleSheet {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(text);
  }
  return made;
}
