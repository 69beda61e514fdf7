import { EndPromise } from "./end-promise.js";
import { emit } from "./events.js";
import { ATTRIBUTES, isMutable, PROPERTIES, problem, readOptions } from "./options.js";
import { Shell } from "./shell.js";
import type { TagProperties } from "./tag.js";
import type { DetailByName, EndDetail, EventName, VerifyOptions, VerifyState } from "./types.js";
import { Verification } from "./verification.js";

/** Servers have no elements, and importing this module there must be safe. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** The properties of the element. A property overrides its attribute until it is set to `undefined`. */
export interface Cr3dentialsVerify extends Omit<TagProperties, "lang"> {}

/**
 * `<cr3dentials-verify>`: verifies an account inside the page.
 *
 * It starts when it is inserted into the page and stops when it is removed. The session itself goes on, and the next
 * start in the same tab resumes it. It never changes its own attributes, classes or children.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: The properties are defined below the class.
export class Cr3dentialsVerify extends Base {
  /** The default URL of the `.wasm` file, for elements that do not set `wasmUrl`. */
  static wasmUrl: string | undefined;

  static readonly observedAttributes: readonly string[] = Object.keys(ATTRIBUTES);

  readonly #internals = this.attachInternals();
  readonly #shell = new Shell(this.attachShadow({ mode: "open" }));
  readonly #properties: VerifyOptions = {};
  readonly #ended = new EndPromise();
  #verification: Verification | undefined;
  #scheduled = false;
  #leaving = false;
  #openRequested = false;
  #destroyed = false;
  #stopped = false;

  constructor() {
    super();
    for (const key of PROPERTIES) {
      // A property set before the upgrade hides the accessor: move its value.
      if (!Object.hasOwn(this, key)) continue;
      const value = this[key];
      delete this[key];
      this.set(key, value);
    }
  }

  /** A promise for the end of the session, with the detail of `cr3d-end`; a new one at each start. */
  get ended(): Promise<EndDetail> {
    return this.#ended.promise;
  }

  /** The state of the verification. */
  get state(): VerifyState {
    return this.#verification?.state ?? { stage: this.#destroyed ? "destroyed" : "idle" };
  }

  /** Shows the dialog of `mode="modal"`. The first call also starts. */
  open(): void {
    this.#openRequested = true;
    if (this.#verification) this.#verification.open();
    else this.#schedule("open");
  }

  /** Hides the dialog of `mode="modal"`. The session goes on, and `open()` shows it again. */
  hide(): void {
    if (this.#verification) this.#verification.hide();
    else this.#warnNotStarted("hide");
  }

  /** Ends this view of the session. The session itself may go on. */
  close(): void {
    this.#call("close");
  }

  /** Requests the status from the server now. */
  refresh(): void {
    this.#call("refresh");
  }

  /** Continues the same session in a new frame. */
  remount(): void {
    this.#call("remount");
  }

  /** Ends this view of the session and starts a new session. */
  startAgain(): void {
    if (this.#verification) this.#ended.startAgain();
    this.#call("startAgain");
  }

  /** Sets several options at once. */
  update(options: VerifyOptions): void {
    for (const key of Object.keys(options) as (keyof VerifyOptions)[]) this.set(key, options[key]);
  }

  /** Stops, and leaves no request, timer or listener behind. Inserting the element again starts it again. */
  destroy(): void {
    this.#destroyed = true;
    this.#stop();
  }

  connectedCallback(): void {
    this.#destroyed = false;
    if (this.#stopped) this.#ended.restart();
    this.#stopped = false;
    this.#schedule();
  }

  disconnectedCallback(): void {
    if (!this.#verification || this.#leaving) return;
    this.#leaving = true;
    // A move is a removal and an insertion within one task. Only afterwards can the two be told apart.
    queueMicrotask(() => {
      this.#leaving = false;
      if (this.isConnected) this.#verification?.moved();
      else this.#stop();
    });
  }

  /**
   * Tells the browser, by its existence, that the element can be moved without a reload. Firefox reloads frames anyway.
   */
  connectedMoveCallback(): void {
    this.#verification?.movedAlive();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    const option = ATTRIBUTES[name as keyof typeof ATTRIBUTES];
    if (before !== after && !Object.hasOwn(this.#properties, option)) this.#changed(option, name);
  }

  /** @internal */
  get<K extends keyof VerifyOptions>(key: K): VerifyOptions[K] {
    return readOptions(this, this.#properties)[key];
  }

  /** @internal */
  set<K extends keyof VerifyOptions>(key: K, value: VerifyOptions[K]): void {
    const before = this.get(key);
    if (value === undefined) delete this.#properties[key];
    else this.#properties[key] = value;
    if (this.get(key) !== before) this.#changed(key, key);
  }

  #changed(key: keyof VerifyOptions, shown: string): void {
    if (!this.#verification) {
      this.#schedule();
    } else if (isMutable(key)) {
      const value = this.get(key);
      if (key === "mode") return this.#verification.setMode(this.mode ?? "inline");
      if (key === "lang" || key === "strings") return this.#verification.setLanguage(this.#language(), this.strings);
      // A removed option falls back to its default.
      const given = value ?? (key === "theme" ? "auto" : "");
      this.#verification.call(`update ${key}`, (handle) => handle.update({ [key]: given }));
    } else {
      console.warn(
        `<cr3dentials-verify>: "${shown}" was changed after the start, which has no effect. ` +
          "Remove the element and insert it again to start with the new value.",
      );
    }
  }

  /** Starts at the end of the current task, after the page has set all options. */
  #schedule(caller?: string): void {
    if (caller && !this.isConnected) this.#warnNotStarted(caller);
    if (this.#scheduled || !this.isConnected || this.#destroyed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.isConnected && !this.#destroyed && !this.#verification) this.#start();
    });
  }

  #start(): void {
    const options = { wasmUrl: Cr3dentialsVerify.wasmUrl, ...readOptions(this, this.#properties) } as VerifyOptions;
    const lang = this.#language();
    // Empty for a proxy at the root of the page's origin.
    const proxyUrl = options.proxyUrl?.replace(/\/+$/, "");
    if (options.mode === "modal" && !this.#openRequested) return;
    const message = problem(options);
    if (proxyUrl === undefined || message !== undefined) {
      emit(this, "error", { code: "bad-options", message: message ?? "", retrying: false });
      return;
    }
    this.#setState("running");
    this.#verification = new Verification(
      this.#shell,
      { ...options, proxyUrl, ...(lang !== undefined && { lang }) },
      (name, detail) => this.#onEvent(name, detail),
    );
  }

  #language(): string | undefined {
    return this.get("lang") ?? pageLanguage(this);
  }

  #stop(): void {
    this.#stopped ||= this.#verification !== undefined;
    this.#verification?.destroy();
    this.#verification = undefined;
    this.#openRequested = false;
    this.#setState(undefined);
  }

  #onEvent<Name extends EventName>(name: Name, detail: DetailByName[Name]): void {
    if (name === "end") {
      this.#setState("ended");
      this.#ended.end(detail as EndDetail);
    } else {
      this.#ended.noteSession(detail.sessionId);
      if (name === "ready" || name === "status") this.#setState("running");
    }
    emit(this, name, detail);
  }

  #call(method: "close" | "refresh" | "remount" | "startAgain"): void {
    if (this.#verification) this.#verification.call(method, (handle) => handle[method]());
    else this.#warnNotStarted(method);
  }

  #warnNotStarted(method: string): void {
    console.warn(`<cr3dentials-verify>: ${method}() does nothing before the element has started.`);
  }

  /** Exposes the state to style sheets, as `:state(running)` or `:state(ended)`. */
  #setState(state: "running" | "ended" | undefined): void {
    try {
      this.#internals.states.clear();
      if (state) this.#internals.states.add(state);
    } catch {
      // The engine has no custom states, or an early version that requires other names.
    }
  }
}

for (const key of PROPERTIES) {
  Object.defineProperty(Cr3dentialsVerify.prototype, key, {
    configurable: true,
    enumerable: true,
    get(this: Cr3dentialsVerify) {
      return this.get(key);
    },
    set(this: Cr3dentialsVerify, value: never) {
      this.set(key, value);
    },
  });
}

/** Returns the language of the part of the page that contains an element. */
function pageLanguage(element: Element): string | undefined {
  const root = element.closest("[lang]") ?? element.ownerDocument.documentElement;
  return root.getAttribute("lang") || undefined;
}
