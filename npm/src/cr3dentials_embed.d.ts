// The WebAssembly module's side, written by hand: wasm-bindgen makes `wasm/cr3dentials_embed.js`,
// which the build puts in the place of `cr3dentials_embed`.
import type { EventName, MutableOptions, Start, VerifyOptions, VerifyState } from "./types.js";

/** What the view is given. */
export interface MountOptions extends Omit<VerifyOptions, "sessionId" | "clientToken" | "wasmUrl" | "headers" | "telemetry"> {
  proxyUrl: string;
  start: Start;
  headers?: [name: string, value: string][];
  /** With `kind: "new"`: the key of a create that may already have reached the proxy. */
  idempotencyKey?: string | undefined;
}

/** A mounted view. Every method may be called inside one of its own events. */
export class Handle {
  /** Begins and draws; the first time only. Its events come from here on, not from `mount`. */
  start(): void;
  open(): void;
  /** Closes the dialog and ends nothing. */
  hide(): void;
  close(): void;
  refresh(): void;
  remount(): void;
  startAgain(): void;
  /** The iframe was moved in the document, which has loaded it again. */
  frameLost(): void;
  update(options: MutableOptions): void;
  destroy(): void;
  state(): VerifyState;
  free(): void;
}

/** Makes a view of `shell`, to be begun by `start()`. It adopts the iframe in `.cr3d-frame` when `start` is `given`. */
export function mount(
  shell: HTMLDialogElement,
  options: MountOptions,
  listener: (name: EventName | "step" | "panic", detail: object) => void,
): Handle;

/** Starts the module. Must be done once, before `mount`. */
export default function init(options: {
  module_or_path: WebAssembly.Module | ArrayBuffer;
}): Promise<unknown>;
