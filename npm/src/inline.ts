import wasm from "../wasm/cr3dentials_embed_bg.wasm";
import { Cr3dentialsVerify, define as defineTag, mount as mountTag } from "./index.js";
import type { VerifyOptions } from "./types.js";

// The package's own classes, not copies of them: the React component and this entry mean the same element.
export * from "./index.js";

/**
 * Defines `<cr3dentials-verify>` as the main entry does, with the WebAssembly module inside this file: for bundlers and
 * servers that lose the `.wasm` file. Call it before anything else defines the tag or at least starts an element.
 *
 * @param options.wasmUrl where the `.wasm` file is, when it shall be fetched after all
 */
export function define(options: { wasmUrl?: string } = {}): void {
  // Not while this module is imported: a bundler may leave out what is only imported and never called.
  Cr3dentialsVerify.wasmUrl ??= wasm;
  defineTag(options);
}

/** Puts a new element into the page as the main entry does, with the module inside this file. */
export function mount(parent: ParentNode, options: VerifyOptions): Cr3dentialsVerify {
  define();
  return mountTag(parent, options);
}
