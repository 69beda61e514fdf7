import type { VerifyOptions } from "./types.js";
import { Cr3dentialsVerify as Own } from "./verify-element.js";

export type * from "./types.js";

const TAG = "cr3dentials-verify";

/** The property of the page's registry that holds the class: `element.js` contains a copy of everything here. */
const SHARED = Symbol.for(TAG);

/** The class of the element. There is one for each page, whichever of the package's files is loaded first. */
export const Cr3dentialsVerify: typeof Own = shared(Own);
export type Cr3dentialsVerify = Own;

/**
 * Defines `<cr3dentials-verify>`. Does nothing on a server, or if the tag is already defined.
 *
 * @param options.wasmUrl The URL of the `.wasm` file, if it is not next to this module
 */
export function define(options: { wasmUrl?: string } = {}): void {
  if (options.wasmUrl !== undefined) Cr3dentialsVerify.wasmUrl = options.wasmUrl;
  const registry = globalThis.customElements;
  if (registry && !registry.get(TAG)) registry.define(TAG, Cr3dentialsVerify);
}

/**
 * Appends a new `<cr3dentials-verify>` with these options to `parent` and returns it. It starts at the end of the
 * current task, so there is time to add event listeners; call `remove()` on it to stop.
 *
 * @param parent The parent of the new element.
 * @param options The element's first properties.
 */
export function mount(parent: ParentNode, options: VerifyOptions): Cr3dentialsVerify {
  define();
  const element = document.createElement(TAG);
  element.update(options);
  parent.append(element);
  return element;
}

function shared(own: typeof Own): typeof Own {
  // A server has no registry, and no element either.
  const registry = (globalThis.customElements ?? {}) as { [SHARED]?: typeof Own };
  registry[SHARED] ??= own;
  return registry[SHARED];
}

declare global {
  interface HTMLElementTagNameMap {
    "cr3dentials-verify": Cr3dentialsVerify;
  }
}
