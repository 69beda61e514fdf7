import { Cr3dentialsVerify } from "./verify-element.js";

export { Cr3dentialsVerify };
export type * from "./types.js";

const TAG = "cr3dentials-verify";

/**
 * Defines `<cr3dentials-verify>`. Doing it twice, or on a server, does nothing.
 *
 * @param options.wasmUrl where the `.wasm` file is, when it is not beside this module
 */
export function define(options: { wasmUrl?: string } = {}): void {
  if (options.wasmUrl !== undefined) Cr3dentialsVerify.wasmUrl = options.wasmUrl;
  const registry = globalThis.customElements;
  if (registry && !registry.get(TAG)) registry.define(TAG, Cr3dentialsVerify);
}

declare global {
  interface HTMLElementTagNameMap {
    "cr3dentials-verify": Cr3dentialsVerify;
  }
}
