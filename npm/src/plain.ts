// The fallback for browsers that cannot run WebAssembly. Loaded only there.
import type { PlainHost } from "./plain/host.js";
import { PlainMode } from "./plain/mode.js";

export type { PlainHost };

/** Mounts a verification without WebAssembly. It does nothing before its `start()`. */
export function mountPlain(host: PlainHost): PlainMode {
  return new PlainMode(host);
}
