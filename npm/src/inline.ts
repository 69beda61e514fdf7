import wasm from "../wasm/cr3dentials_embed_bg.wasm";
import { Cr3dentialsVerify, define as defineTag, mount as mountTag } from "./index.js";
import type { VerifyOptions } from "./types.js";

// Re-exports the main entry's classes instead of copies, so that the React component and this entry share one element.
export * from "./index.js";

/**
 * Defines `<cr3dentials-verify>` as the main entry does, with the WebAssembly module inside this file, for bundlers and
 * servers that do not deliver the `.wasm` file. Call it before other code defines the tag, or at least before an
 * element starts.
 *
 * @param options.wasmUrl The URL of the `.wasm` file, to fetch it instead
 */
export function define(options: { wasmUrl?: string } = {}): void {
  // Set here and not at import: a bundler may drop a module that is imported but never called.
  Cr3dentialsVerify.wasmUrl ??= wasm;
  defineTag(options);
}

/**
 * Appends a new element to `parent` and returns it, as the main entry does, with the module inside this file.
 *
 * @param parent The parent of the new element.
 * @param options The element's first properties.
 */
export function mount(parent: ParentNode, options: VerifyOptions): Cr3dentialsVerify {
  define();
  return mountTag(parent, options);
}
