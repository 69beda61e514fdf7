import type { VerifyOptions } from "./types.js";
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

/**
 * Puts a new `<cr3dentials-verify>` with these options at the end of `parent`, and answers it. It starts at the end of
 * this task, so there is time to listen to its events; `remove()` it to stop.
 */
export function mount(parent: ParentNode, options: VerifyOptions): Cr3dentialsVerify {
  define();
  const element = document.createElement(TAG);
  element.update(options);
  parent.append(element);
  return element;
}

declare global {
  interface HTMLElementTagNameMap {
    "cr3dentials-verify": Cr3dentialsVerify;
  }
}
