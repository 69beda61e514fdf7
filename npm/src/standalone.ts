import { define } from "./inline.js";

define();

export * from "./inline.js";
