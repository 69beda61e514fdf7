// The modules that the view needs and the frame does not: loaded in parallel with the create.
export { loadWithRetries, markWasmUnusable } from "./loader.js";
export { sheet } from "./style.js";
