// Hand-written types of the WebAssembly module: wasm-bindgen generates `wasm/cr3dentials_embed.js`, and the build
// resolves `cr3dentials_embed` to it.
import type { Shell } from "../../src/browser/shell/shell.js";
import type { EventName, MutableOptions, Start, VerifyOptions, VerifyState } from "./types.js";

/** The options the host passes to the view. */
export interface MountOptions
  extends Omit<VerifyOptions, "sessionId" | "clientToken" | "wasmUrl" | "headers" | "telemetry"> {
  proxyUrl: string;
  start: Start;
  /** Called for each request. */
  headers?: () => Promise<[name: string, value: string][]>;
  /** With `kind: "new"`: the idempotency key of a create that may already have reached the proxy. */
  idempotencyKey?: string | undefined;
}

/** A mounted view. Every method may be called from a listener of the view's events. */
export class Handle {
  /** Starts and renders; later calls do nothing. The first event is emitted from here, never from `mount`. */
  start(): void;
  open(): void;
  /** Closes the dialog. The session continues. */
  hide(): void;
  close(): void;
  refresh(): void;
  remount(): void;
  startAgain(): void;
  /** Reports that the iframe was moved in the document, which made the browser reload it. */
  frameLost(): void;
  update(options: MutableOptions): void;
  destroy(): void;
  state(): VerifyState;
  free(): void;
}

/** Mounts a view in `shell`; `start()` begins it. It adopts the iframe that the shell shows already. */
export function mount(
  shell: Shell,
  options: MountOptions,
  listener: (name: EventName | "step" | "panic", detail: object) => void,
): Handle;

/** Initializes the module. Must be called once, before `mount`. */
export default function init(options: { module_or_path: WebAssembly.Module | ArrayBuffer }): Promise<unknown>;
