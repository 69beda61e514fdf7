// What the element's host does where WebAssembly cannot run. Loaded only then.
export { mountPlain } from "./plain/driver.js";
export type { PlainHandle, PlainHost } from "./plain/driver.js";
