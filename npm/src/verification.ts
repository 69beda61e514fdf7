import type { Handle, MountOptions } from "./cr3dentials_embed.js";
import { createSession } from "./create.js";
import { importWithRetry } from "./import-with-retry.js";
import type { Wasm } from "./loader.js";
import type { Strings, Texts } from "./locale.js";
import type { Shell } from "./shell.js";
import { sleep, within } from "./sleep.js";
import { defaultResumeKey, loadResume, resumeOf, saveResume } from "./storage.js";
import type { DetailByName, EventName, Mode, Start, StepTime, VerifyOptions, VerifyState } from "./types.js";

/** Time after which the view takes over a pending create, in milliseconds. The view can show more than one sentence. */
const HAND_OVER_MS = 8_000;

/**
 * Timeout for loading the scripts of the view and of plain mode, in milliseconds. A script that fails is reported as an
 * error; one that hangs would leave a session without a view and without polling.
 */
const SCRIPT_TIMEOUT_MS = 10_000;

/** Timeout for loading another language, in milliseconds. Until it arrives, the view is in English. */
const TEXTS_TIMEOUT_MS = 4_000;

/** Shown when neither the view nor plain mode can be loaded. */
const BROKEN = ["Something went wrong on this page", "Reload the page to continue."] as const;

/** Time during which the key of an interrupted create is reused, in milliseconds. */
const KEY_REUSE_MS = 30_000;

/**
 * The idempotency keys of creates that were interrupted, by resume key and platform, each with its expiry (Unix
 * milliseconds). The next element that makes the same request reuses the key, so that leaving a route and coming back
 * creates one session and not two.
 */
const interruptedCreates = new Map<string, readonly [key: string, until: number]>();

/** Receives the events for the page. */
export type Listener = <Name extends EventName>(name: Name, detail: DetailByName[Name]) => void;

/**
 * The element's work from insertion to removal: creates or finds the session, shows the frame at once, loads the view
 * in parallel, and hands both over. After `destroy` it holds no request, timer or listener and emits no events.
 */
export class Verification {
  readonly #shell: Shell;
  readonly #options: VerifyOptions & { proxyUrl: string };
  readonly #resumeKey: string;
  readonly #createId: string;
  /** The idempotency key of the create that may be in progress; `undefined` once there is a session. */
  #key: string | undefined;
  readonly #listener: Listener;
  readonly #abort = new AbortController();
  readonly #queuedCalls = new Map<string, (handle: Handle) => void>();
  #texts: Promise<Texts>;
  #start: Start = { kind: "new" };
  #handle: Handle | undefined;
  /** A destroyed view whose memory must still be freed. */
  #destroyedView: Handle | undefined;
  /** The number of calls into the view that have not returned: the page may call this class during one. */
  #openCalls = 0;
  #hidden = false;
  #trapped = false;
  #broken = false;
  #sessionId: string | undefined;
  /** The last event of each name, for the current session. */
  readonly #history = new Map<EventName, object>();

  constructor(shell: Shell, options: VerifyOptions & { proxyUrl: string }, listener: Listener) {
    this.#shell = shell;
    this.#options = options;
    this.#resumeKey = options.resumeKey ?? defaultResumeKey(options.proxyUrl, options.platformId);
    this.#createId = `${this.#resumeKey}#${options.platformId}`;
    const [key, until = 0] = interruptedCreates.get(this.#createId) ?? [];
    // Removed, because two elements that start at the same time need a session each.
    interruptedCreates.delete(this.#createId);
    this.#key = until > Date.now() ? key : randomKey();
    this.#listener = listener;
    shell.onClose = () => this.hide();
    this.#texts = this.#withTimeout(options.lang, options.strings);
    void this.#run();
  }

  /** The state of the verification. */
  get state(): VerifyState {
    return this.#guard(() => this.#handle?.state()) ?? { stage: "loading" };
  }

  /** Calls the view now, or queues the call until the view is loaded. */
  call(name: string, action: (handle: Handle) => void): void {
    const handle = this.#handle;
    if (handle) {
      this.#guard(() => action(handle));
    } else if (this.#broken) {
      console.warn(`<cr3dentials-verify>: ${name} does nothing after an internal error. Reload the page.`);
    } else {
      this.#queuedCalls.delete(name);
      this.#queuedCalls.set(name, action);
    }
  }

  /** Shows the dialog. */
  open(): void {
    this.#hidden = false;
    if (this.#handle) this.call("open", (handle) => handle.open());
    else this.#shell.show(this.#options.mode ?? "inline");
  }

  /** Closes the dialog. The session continues. */
  hide(): void {
    this.#hidden = true;
    if (this.#handle) this.call("hide", (handle) => handle.hide());
    else this.#shell.hide();
  }

  /** Changes the layout. */
  setMode(mode: Mode): void {
    this.#options.mode = mode;
    if (this.#handle) this.call("update mode", (handle) => handle.update({ mode }));
    else this.#shell.show(mode);
  }

  /** Changes the language or the page's own texts as soon as they are loaded. */
  setLanguage(lang: string | undefined, own: Strings | undefined): void {
    const texts = this.#withTimeout(lang, own);
    this.#texts = texts;
    void texts.then((loaded) => this.#applyTexts(texts, loaded));
  }

  /** Resolves to the texts, or to English after a timeout. If the texts arrive later, the view switches to them. */
  #withTimeout(lang: string | undefined, own: Strings | undefined): Promise<Texts> {
    const loading = textsIn(lang, own);
    const texts: Promise<Texts> = within(loading, TEXTS_TIMEOUT_MS, this.#abort.signal).catch(() => {
      void loading.then((loaded) => this.#applyTexts(texts, loaded));
      return { lang: "en", strings: own ?? {} };
    });
    return texts;
  }

  /** Applies texts, unless newer ones were requested meanwhile. */
  #applyTexts(texts: Promise<Texts>, loaded: Texts): void {
    if (this.#texts !== texts || this.#abort.signal.aborted) return;
    this.call("update texts", (handle) => handle.update(loaded));
    this.#shell.nameFrame(this.#options.frameTitle ?? loaded.strings.frameTitle);
  }

  /** The element was moved with `moveBefore`, which should not reload the iframe. Some browsers do reload it. */
  movedAlive(): void {
    if (this.#shell.hasNewWindow) this.moved();
  }

  /** The element was moved in the document, which made the browser reload the iframe with a URL that is used up. */
  moved(): void {
    // A dialog is no longer modal after a move.
    if (this.#shell.dialog.open) this.#shell.show(this.#options.mode ?? "inline");
    if (this.#handle) {
      this.call("frameLost", (handle) => handle.frameLost());
    } else if (this.#start.kind === "given" && !this.#broken) {
      this.#shell.dropFrame();
      this.#start = { kind: "resume", ...resumeOf(this.#start.created, this.#options.platformId) };
    }
  }

  destroy(): void {
    if (this.#abort.signal.aborted) return;
    for (const [id, [, until]] of interruptedCreates) if (until < Date.now()) interruptedCreates.delete(id);
    if (this.#key) interruptedCreates.set(this.#createId, [this.#key, Date.now() + KEY_REUSE_MS]);
    const handle = this.#handle;
    if (handle) this.#guard(() => handle.destroy());
    this.#handle = undefined;
    this.#abort.abort();
    this.#queuedCalls.clear();
    this.#shell.clear();
    this.#destroyedView = handle;
    queueMicrotask(() => this.#free());
  }

  async #run(): Promise<void> {
    this.#shell.setTheme(this.#options.theme, this.#options.frameColorScheme);
    void this.#showOpening();
    // The create is sent first because it takes longest; the view is loaded in parallel.
    const began = this.#findOrCreateSession();
    const loading = loadView();
    const view = within(loading, SCRIPT_TIMEOUT_MS, this.#abort.signal);
    // Nothing is shown without styles, but the create does not wait for them. If they fail, the element works without
    // them; if they are late, they are applied late.
    const styled = Promise.race([loading.then(({ sheet }) => this.#shell.style(sheet())), view]).catch(() => undefined);
    void styled.then(
      () => this.#abort.signal.aborted || this.#hidden || this.#shell.show(this.#options.mode ?? "inline"),
    );
    const [module, texts] = await Promise.all([this.#load(view), this.#texts, began, styled]);
    if (this.#abort.signal.aborted) return;
    if (module) this.#mount(module, texts);
    else await this.#startPlainMode(texts);
  }

  /** Shows the opening text until the view is mounted. */
  async #showOpening(): Promise<void> {
    const show = (texts: Strings) => {
      const title = this.#options.platformId === undefined ? "" : (texts["opening.title"] ?? "Opening a secure window");
      this.#shell.showMessage(title, texts["opening.line"] ?? "This takes a few seconds.", texts.close);
    };
    show({});
    const { strings } = await this.#texts;
    if (!this.#handle && !this.#broken && !this.#abort.signal.aborted) show(strings);
  }

  /** Finds or creates the session. */
  async #findOrCreateSession(): Promise<void> {
    const { platformId, sessionId, clientToken, startScreen, proxyUrl, credentials, headers } = this.#options;
    const known = sessionId && clientToken ? { sessionId, clientToken } : loadResume(this.#resumeKey, platformId);
    if (known) {
      this.#start = { kind: "resume", ...known };
      this.#onSession(known.sessionId);
      return;
    }
    const key = this.#key;
    if (platformId === undefined || startScreen || !key) return;
    const { signal } = this.#abort;
    const onKeySpent = () => (this.#key = randomKey());
    const create = createSession({ proxyUrl, platformId, key, credentials, headers, signal, onKeySpent });
    const created = await Promise.race([create, sleep(HAND_OVER_MS, signal)]);
    if (!created || signal.aborted) return;
    this.#onSession(created.sessionId);
    saveResume(this.#resumeKey, resumeOf(created, platformId));
    // Inserted before the texts are loaded, since the frame's name can be changed later.
    this.#shell.insertFrame(created.embedUrl, this.#options.frameTitle ?? "Account verification", signal);
    void this.#texts.then(({ strings }) => this.#shell.nameFrame(this.#options.frameTitle ?? strings.frameTitle));
    this.#start = { kind: "given", created };
  }

  async #load(view: Promise<View>): Promise<Wasm | undefined> {
    const failed = (why: unknown) => this.#report("wasm", `The view could not be loaded: ${String(why)}`, true);
    try {
      return await (await view).loadWithRetries(this.#options.wasmUrl, this.#abort.signal, failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  #mountOptions(texts: Texts): MountOptions & Texts {
    const { sessionId: _, clientToken: __, wasmUrl: ___, telemetry: ____, headers, ...rest } = this.#options;
    return {
      ...rest,
      ...texts,
      ...(headers && { headers: Object.entries(headers).map(([name, value]) => [name, `${value}`] as const) }),
      start: this.#start,
      resumeKey: this.#resumeKey,
      // The key of a create that may have reached the proxy without a result here.
      idempotencyKey: this.#key,
    };
  }

  #mount(module: Wasm, texts: Texts): void {
    const options = this.#mountOptions(texts);
    const listener = (name: EventName | "step" | "panic", detail: object) => {
      if (!this.#trapped) this.#onEvent(name, detail);
    };
    this.#handle = this.#guard(() => module.mount(this.#shell.dialog, options, listener));
    if (this.#handle) this.#startView();
    else if (!this.#trapped) void this.#startPlainMode(texts);
  }

  /**
   * Starts the view after its handle is stored: a listener of the first event may read the state or destroy the view.
   */
  #startView(): void {
    this.call("start", (handle) => handle.start());
    for (const [name, action] of this.#queuedCalls) this.call(name, action);
    this.#queuedCalls.clear();
  }

  /** Continues without the module, in the existing iframe if there is one. */
  async #startPlainMode(texts: Texts): Promise<void> {
    try {
      const { mountPlain } = await within(
        importWithRetry(() => import("./plain.js")),
        SCRIPT_TIMEOUT_MS,
        this.#abort.signal,
      );
      if (this.#abort.signal.aborted) return;
      const listener = (name: EventName, detail: object) => this.#onEvent(name, detail);
      const options = this.#mountOptions(texts);
      this.#handle = mountPlain({ root: this.#shell, options, listener, history: this.#history });
      this.#startView();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#broken = true;
      if (this.#shell.hasFrame) this.#shell.showMessage("Ready when you are", "Sign in below.");
      else this.#shell.showMessage(...BROKEN);
      this.#report("wasm", `Plain mode could not be loaded either: ${String(error)}`, false);
    }
  }

  #onEvent(name: EventName | "step" | "panic", detail: object): void {
    if (this.#abort.signal.aborted || this.#broken) return;
    if (name === "panic") return this.#trap("it panicked");
    if (name === "step") return this.#options.telemetry?.(detail as StepTime);
    // The host adds the mode, since only it knows that this is the full view.
    const full = (name === "ready" ? { mode: "full", ...detail } : detail) as DetailByName[typeof name];
    const { sessionId } = full;
    if (sessionId !== undefined) {
      if (sessionId !== this.#sessionId) this.#history.clear();
      this.#onSession(sessionId);
    }
    if (name === "status") this.#history.delete("action");
    this.#history.set(name, full);
    this.#shell.rememberWindow();
    this.#listener(name, full);
  }

  /** Calls the module. If it traps, it cannot be used any more: reports that once, and keeps the iframe. */
  #guard<T>(action: () => T): T | undefined {
    if (this.#broken) return undefined;
    this.#openCalls += 1;
    try {
      return action();
    } catch (error) {
      // The module throws a string when it rejects its arguments; it can still be used then.
      if (typeof error !== "string") this.#trap(String(error));
      else this.#report("bad-options", error, false);
      return undefined;
    } finally {
      this.#openCalls -= 1;
      this.#free();
    }
  }

  /** Frees the memory of a destroyed view, unless a call into it has not returned, as in a listener of its events. */
  #free(): void {
    const handle = this.#destroyedView;
    if (!handle || this.#openCalls > 0) return;
    this.#destroyedView = undefined;
    this.#guard(() => handle.free());
  }

  /** Handles a trap: the module is not called again, the iframe stays, and plain mode continues with it. */
  #trap(why: string): void {
    if (this.#trapped) return;
    this.#trapped = true;
    this.#handle = undefined;
    void script?.then(({ markWasmUnusable }) => markWasmUnusable(why));
    // An ended session emits nothing more and keeps its last view.
    if (this.#history.has("end")) this.#broken = true;
    else {
      this.#report("internal", `The view stopped; plain mode continues: ${why}`, true);
      void this.#texts.then((texts) => this.#startPlainMode(texts));
    }
  }

  #report(code: string, message: string, retrying: boolean): void {
    if (this.#abort.signal.aborted) return;
    const sessionId = this.#sessionId;
    this.#listener("error", { ...(sessionId && { sessionId }), code, message, retrying });
  }

  /** Notes that the session exists, so the key of its create is no longer needed. */
  #onSession(sessionId: string): void {
    this.#sessionId = sessionId;
    this.#key = undefined;
  }
}

type View = typeof import("./view.js");

let script: Promise<View> | undefined;

/** Loads the view's script once: with another URL it would have a separate module. A failure is not cached. */
function loadView(): Promise<View> {
  script ??= importWithRetry(() => import("./view.js")).catch((error: unknown) => {
    script = undefined;
    throw error;
  });
  return script;
}

/** Resolves to the texts for the language `lang`. English is built in and needs no request. */
async function textsIn(lang = "en", own?: Strings): Promise<Texts> {
  if (own || !/^en\b/i.test(lang)) {
    try {
      return await (await import("./locale.js")).loadTexts(lang, own);
    } catch {
      // Falls back to English: the browser's own console message names the missing file.
    }
  }
  return { lang: "en", strings: own ?? {} };
}

/** Returns 128 random bits as text. */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
