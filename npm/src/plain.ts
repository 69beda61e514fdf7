// The fallback for browsers that cannot run WebAssembly. Loaded only there.

export type { PlainHandle, PlainHost } from "./plain/driver.js";
export { mountPlain } from "./plain/driver.js";
