import type { Shell } from "../../src/browser/shell/shell.js";
import type { Handle, MountOptions } from "./cr3dentials_embed.js";
import { loadWithRetries, markWasmUnusable, type Wasm } from "./loader.js";
import type { Texts } from "./locale.js";
import type { TagProperties } from "./tag.js";
import type { EventName, StepTime, VerifyOptions } from "./types.js";

/** The methods of every view. */
export type ViewHandle = Pick<Handle, keyof Handle>;

/** The parameters of the full view. */
export interface FullHost {
  readonly shell: Shell;
  /** The element's options, also those that are not for the module. */
  readonly options: MountOptions & Texts & Pick<VerifyOptions, "sessionId" | "clientToken" | "wasmUrl" | "telemetry">;
  readonly listener: (name: EventName, detail: object) => void;
  /** The last event of each name for the current session. The next view continues from it. */
  readonly history: Map<EventName, { readonly sessionId?: string }>;
  /** Emits an error. */
  readonly report: (code: string, message: string, retrying: boolean) => void;
  /** Replaces this view by plain mode. */
  readonly fallBack: () => void;
}

/** Mounts the full view. Returns `undefined` if that fails. */
export type MountFull = (host: FullHost) => ViewHandle | undefined;

/**
 * Loads the module with retries. Resolves to `undefined` if it cannot be loaded.
 *
 * @param onFailure called with the first failure
 */
export async function loadFull(
  url: string | undefined,
  signal: AbortSignal,
  onFailure: (why: unknown) => void,
): Promise<MountFull | undefined> {
  const module = await loadWithRetries(url, signal, onFailure);
  return module && ((host) => new FullView(host).mount(module));
}

const METHODS = [
  "start",
  "open",
  "hide",
  "close",
  "refresh",
  "remount",
  "startAgain",
  "frameLost",
  "update",
  "state",
] as const satisfies (keyof ViewHandle)[];

/**
 * A view in the module, and what it takes to call it.
 *
 * A view that has failed must not be called again, since the module's state may be inconsistent. The memory of a view
 * must not be freed during a call into it, which a listener of its events may be.
 */
class FullView {
  readonly #host: FullHost;
  #handle: Handle | undefined;
  #sessionId: string | undefined;
  /** The number of calls that have not returned. */
  #openCalls = 0;
  #failed = false;
  #destroyed = false;

  constructor(host: FullHost) {
    this.#host = host;
  }

  /** Mounts the view, and returns its guarded methods; `undefined` if that fails. */
  mount(module: Wasm): ViewHandle | undefined {
    const { sessionId: _, clientToken: __, wasmUrl: ___, telemetry: ____, ...options } = this.#host.options;
    Object.assign(options, this.#ownClients());
    try {
      this.#handle = module.mount(this.#host.shell, options, (name, detail) => this.#onEvent(name, detail));
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
    const guarded = METHODS.map((method) => [method, (...values: unknown[]) => this.#call(method, values)]);
    const destroy = () => this.#destroy();
    return { ...Object.fromEntries(guarded), destroy, free: destroy };
  }

  /** Returns functions that call the partner's clients as they are then: a framework may set new ones at each render. */
  #ownClients(): Partial<VerifyOptions> {
    const { host } = this.#host.shell.root as ShadowRoot & { readonly host: TagProperties };
    const names = (["createSession", "getSession", "getFrame"] as const).filter((name) => host[name]);
    return Object.fromEntries(names.map((name) => [name, (request: never) => host[name]?.(request)]));
  }

  /** Calls the view, and returns the result; `undefined` if that fails, or once it is destroyed. */
  #call(method: keyof ViewHandle, values: unknown[] = []): unknown {
    const handle = this.#handle as Record<keyof ViewHandle, (...values: unknown[]) => unknown> | undefined;
    if (!handle || this.#destroyed) return undefined;
    if (this.#failed) return this.#callFailed(method);
    this.#openCalls += 1;
    try {
      return handle[method](...values);
    } catch (error) {
      this.#onError(error);
      return undefined;
    } finally {
      this.#openCalls -= 1;
      this.#free();
    }
  }

  /** Responds in place of a view that has failed after its session had ended, and that still shows the end. */
  #callFailed(method: keyof ViewHandle): unknown {
    if (method === "state") return { stage: { ended: this.#host.history.get("end") }, sessionId: this.#sessionId };
    console.warn(`<cr3dentials-verify>: ${method} does nothing after an internal error. Reload the page.`);
    return undefined;
  }

  /** Stops the view, and frees its memory once no call into it is open. */
  #destroy(): void {
    if (!this.#failed) this.#call("destroy");
    this.#destroyed = true;
    queueMicrotask(() => this.#free());
  }

  #free(): void {
    if (!this.#destroyed || this.#failed || this.#openCalls > 0) return;
    const handle = this.#handle;
    this.#handle = undefined;
    handle?.free();
  }

  #onEvent(name: EventName | "step" | "panic", detail: object): void {
    if (name === "panic") return this.#onTrap("it panicked");
    const { options, history, listener } = this.#host;
    if (!this.#handle || this.#failed || this.#destroyed) return;
    if (name === "step") return options.telemetry?.(detail as StepTime);
    const { sessionId } = detail as { readonly sessionId?: string };
    if (sessionId !== undefined && sessionId !== this.#sessionId) {
      history.clear();
      this.#sessionId = sessionId;
    }
    if (name === "status") history.delete("action");
    history.set(name, detail);
    listener(name, name === "ready" ? { mode: "full", ...detail } : detail);
  }

  /** The module throws texts if it rejects its arguments. */
  #onError(error: unknown): void {
    if (typeof error === "string") this.#host.report("bad-options", error, false);
    else this.#onTrap(error);
  }

  /** The module has stopped: it is not called again, the frame stays, and plain mode continues with it. */
  #onTrap(why: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    markWasmUnusable(String(why));
    const { history, fallBack, report } = this.#host;
    // An ended session emits nothing more and keeps its last view.
    if (this.#destroyed || history.has("end")) return;
    // Without a handle, mounting has failed, and plain mode follows anyway.
    if (this.#handle) fallBack();
    report("internal", `The view stopped; plain mode continues: ${String(why)}`, true);
  }
}
