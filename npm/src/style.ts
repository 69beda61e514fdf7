import text from "component.css";

let made: CSSStyleSheet | undefined;

/** One constructed sheet for every element on the page: a policy without `unsafe-inline` allows it. */
export function sheet(): CSSStyleSheet {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(text);
  }
  return made;
}
