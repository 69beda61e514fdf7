// What the view needs, and the frame does not: loaded beside the create.
export { loadPatiently, withdrawWasm } from "./loader.js";
export { sheet } from "./style.js";
