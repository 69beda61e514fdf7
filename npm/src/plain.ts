// What the element's host does where WebAssembly cannot run. Loaded only then.
export { startPlain } from "./plain/driver.js";
export type { PlainHandle, PlainHost } from "./plain/driver.js";
