import text from "component.css";

/** One constructed sheet for every element on the page: a policy without `unsafe-inline` allows it. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(text);
