import { importWithRetry } from "./import-with-retry.js";
import { createSession } from "./create.js";
import type { Handle, MountOptions } from "./cr3dentials_embed.js";
import type { Wasm } from "./loader.js";
import type { Strings, Words } from "./locale.js";
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
const SCRIPT_MS = 10_000;

/** Timeout for loading another language, in milliseconds. Until it arrives, the view is in English. */
const WORDS_MS = 4_000;

/** Shown when neither the view nor plain mode can be loaded. */
const BROKEN = ["Something went wrong on this page", "Reload the page to continue."] as const;

/** Time during which the key of an interrupted create is reused, in milliseconds. */
const SAME_KEY_MS = 30_000;

/**
 * The idempotency keys of creates that were interrupted, by resume key and platform, each with its expiry (Unix
 * milliseconds). The next element that makes the same request reuses the key, so that leaving a route and coming back
 * creates one session and not two.
 */
const unanswered = new Map<string, readonly [key: string, until: number]>();

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
  readonly #asked: string;
  /** The idempotency key of the create that may be in progress; `undefined` once there is a session. */
  #key: string | undefined;
  readonly #listener: Listener;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, (handle: Handle) => void>();
  #words: Promise<Words>;
  #start: Start = { kind: "new" };
  #handle: Handle | undefined;
  /** A destroyed view whose memory must still be freed. */
  #gone: Handle | undefined;
  /** The number of calls into the view that have not returned: the page may call this class during one. */
  #calls = 0;
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
    this.#asked = `${this.#resumeKey}#${options.platformId}`;
    const [key, until = 0] = unanswered.get(this.#asked) ?? [];
    // Removed, because two elements that start at the same time need a session each.
    unanswered.delete(this.#asked);
    this.#key = until > Date.now() ? key : randomKey();
    this.#listener = listener;
    shell.onClose = () => this.hide();
    this.#words = this.#inTime(options.lang, options.strings);
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
      this.#waiting.delete(name);
      this.#waiting.set(name, action);
    }
  }

  /** Shows the dialog. */
  open(): void {
    this.#hidden = false;
    if (this.#handle) this.call("open", (handle) => handle.open());
    else this.#shell.show(this.#options.mode ?? "inline");
  }

  /** Closes the dialog. The session goes on. */
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
  speak(lang: string | undefined, own: Strings | undefined): void {
    const words = this.#inTime(lang, own);
    this.#words = words;
    void words.then((loaded) => this.#reword(words, loaded));
  }

  /** Resolves to the texts, or to English after a timeout. If the texts arrive later, the view switches to them. */
  #inTime(lang: string | undefined, own: Strings | undefined): Promise<Words> {
    const loading = wordsIn(lang, own);
    const words: Promise<Words> = within(loading, WORDS_MS, this.#abort.signal).catch(() => {
      void loading.then((loaded) => this.#reword(words, loaded));
      return { lang: "en", strings: own ?? {} };
    });
    return words;
  }

  /** Applies texts, unless newer ones were requested meanwhile. */
  #reword(words: Promise<Words>, loaded: Words): void {
    if (this.#words !== words || this.#abort.signal.aborted) return;
    this.call("update words", (handle) => handle.update(loaded));
    this.#shell.nameFrame(this.#options.frameTitle ?? loaded.strings["frameTitle"]);
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
    for (const [asked, [, until]] of unanswered) if (until < Date.now()) unanswered.delete(asked);
    if (this.#key) unanswered.set(this.#asked, [this.#key, Date.now() + SAME_KEY_MS]);
    const handle = this.#handle;
    if (handle) this.#guard(() => handle.destroy());
    this.#handle = undefined;
    this.#abort.abort();
    this.#waiting.clear();
    this.#shell.clear();
    this.#gone = handle;
    queueMicrotask(() => this.#free());
  }

  async #run(): Promise<void> {
    this.#shell.dress(this.#options.theme, this.#options.frameColorScheme);
    void this.#sayOpening();
    // The create is sent first because it takes longest; the view is loaded in parallel.
    const began = this.#begin();
    const loading = loadView();
    const view = within(loading, SCRIPT_MS, this.#abort.signal);
    // Nothing is shown without styles, but the create does not wait for them. If they fail, the element works without
    // them; if they are late, they are applied late.
    const styled = Promise.race([loading.then(({ sheet }) => this.#shell.style(sheet())), view]).catch(() => undefined);
    void styled.then(() => this.#abort.signal.aborted || this.#hidden || this.#shell.show(this.#options.mode ?? "inline"));
    const [module, words] = await Promise.all([this.#load(view), this.#words, began, styled]);
    if (this.#abort.signal.aborted) return;
    if (module) this.#mount(module, words);
    else await this.#goPlain(words);
  }

  /** Shows the opening text until the view is mounted. */
  async #sayOpening(): Promise<void> {
    const say = (words: Strings) => {
      const title = this.#options.platformId === undefined ? "" : (words["opening.title"] ?? "Opening a secure window");
      this.#shell.say(title, words["opening.line"] ?? "This takes a few seconds.", words["close"]);
    };
    say({});
    const { strings } = await this.#words;
    if (!this.#handle && !this.#broken && !this.#abort.signal.aborted) say(strings);
  }

  /** Finds or creates the session. */
  async #begin(): Promise<void> {
    const { platformId, sessionId, clientToken, startScreen, proxyUrl, credentials, headers } = this.#options;
    const known = sessionId && clientToken ? { sessionId, clientToken } : loadResume(this.#resumeKey, platformId);
    if (known) {
      this.#start = { kind: "resume", ...known };
      this.#begun(known.sessionId);
      return;
    }
    const key = this.#key;
    if (platformId === undefined || startScreen || !key) return;
    const { signal } = this.#abort;
    const onSpent = () => (this.#key = randomKey());
    const create = createSession({ proxyUrl, platformId, key, credentials, headers, signal, onSpent });
    const created = await Promise.race([create, sleep(HAND_OVER_MS, signal)]);
    if (!created || signal.aborted) return;
    this.#begun(created.sessionId);
    saveResume(this.#resumeKey, resumeOf(created, platformId));
    // Inserted before the texts are loaded, since the frame's name can be changed later.
    this.#shell.insertFrame(created.embedUrl, this.#options.frameTitle ?? "Account verification", signal);
    void this.#words.then(({ strings }) => this.#shell.nameFrame(this.#options.frameTitle ?? strings["frameTitle"]));
    this.#start = { kind: "given", created };
  }

  async #load(view: Promise<View>): Promise<Wasm | undefined> {
    const failed = (why: unknown) => this.#report("wasm", `The view could not be loaded: ${String(why)}`, true);
    try {
      return await (await view).loadPatiently(this.#options.wasmUrl, this.#abort.signal, failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  #mountOptions(words: Words): MountOptions & Words {
    const { sessionId: _, clientToken: __, wasmUrl: ___, telemetry: ____, headers, ...rest } = this.#options;
    return {
      ...rest,
      ...words,
      ...(headers && { headers: Object.entries(headers).map(([name, value]) => [name, `${value}`] as const) }),
      start: this.#start,
      resumeKey: this.#resumeKey,
      // The key of a create that may have reached the proxy without a result here.
      idempotencyKey: this.#key,
    };
  }

  #mount(module: Wasm, words: Words): void {
    const options = this.#mountOptions(words);
    const listener = (name: EventName | "step" | "panic", detail: object) => {
      if (!this.#trapped) this.#heard(name, detail);
    };
    this.#handle = this.#guard(() => module.mount(this.#shell.dialog, options, listener));
    if (this.#handle) this.#go();
    else if (!this.#trapped) void this.#goPlain(words);
  }

  /**
   * Starts the view after its handle is stored: a listener of the first event may read the state or destroy the view.
   */
  #go(): void {
    this.call("start", (handle) => handle.start());
    for (const [name, action] of this.#waiting) this.call(name, action);
    this.#waiting.clear();
  }

  /** Continues without the module, in the existing iframe if there is one. */
  async #goPlain(words: Words): Promise<void> {
    try {
      const { mountPlain } = await within(importWithRetry(() => import("./plain.js")), SCRIPT_MS, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      const listener = (name: EventName, detail: object) => this.#heard(name, detail);
      const options = this.#mountOptions(words);
      this.#handle = mountPlain({ root: this.#shell, options, listener, history: this.#history });
      this.#go();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#broken = true;
      if (this.#shell.hasFrame) this.#shell.say("Ready when you are", "Sign in below.");
      else this.#shell.say(...BROKEN);
      this.#report("wasm", `Plain mode could not be loaded either: ${String(error)}`, false);
    }
  }

  #heard(name: EventName | "step" | "panic", detail: object): void {
    if (this.#abort.signal.aborted || this.#broken) return;
    if (name === "panic") return this.#trap("it panicked");
    if (name === "step") return this.#options.telemetry?.(detail as StepTime);
    // The host adds the mode, since only it knows that this is the full view.
    const full = (name === "ready" ? { mode: "full", ...detail } : detail) as DetailByName[typeof name];
    const { sessionId } = full;
    if (sessionId !== undefined) {
      if (sessionId !== this.#sessionId) this.#history.clear();
      this.#begun(sessionId);
    }
    if (name === "status") this.#history.delete("action");
    this.#history.set(name, full);
    this.#shell.noteWindow();
    this.#listener(name, full);
  }

  /** Calls the module. If it traps, it cannot be used any more: reports that once, and keeps the iframe. */
  #guard<T>(action: () => T): T | undefined {
    if (this.#broken) return undefined;
    this.#calls += 1;
    try {
      return action();
    } catch (error) {
      // The module throws a string when it rejects its arguments; it can still be used then.
      if (typeof error !== "string") this.#trap(String(error));
      else this.#report("bad-options", error, false);
      return undefined;
    } finally {
      this.#calls -= 1;
      this.#free();
    }
  }

  /** Frees the memory of a destroyed view, unless a call into it has not returned, as in a listener of its events. */
  #free(): void {
    const handle = this.#gone;
    if (!handle || this.#calls > 0) return;
    this.#gone = undefined;
    this.#guard(() => handle.free());
  }

  /** Handles a trap: the module is not called again, the iframe stays, and plain mode continues with it. */
  #trap(why: string): void {
    if (this.#trapped) return;
    this.#trapped = true;
    this.#handle = undefined;
    void script?.then(({ withdrawWasm }) => withdrawWasm(why));
    // An ended session emits nothing more and keeps its last view.
    if (this.#history.has("end")) this.#broken = true;
    else {
      this.#report("internal", `The view stopped; plain mode continues: ${why}`, true);
      void this.#words.then((words) => this.#goPlain(words));
    }
  }

  #report(code: string, message: string, retrying: boolean): void {
    if (this.#abort.signal.aborted) return;
    const sessionId = this.#sessionId;
    this.#listener("error", { ...(sessionId && { sessionId }), code, message, retrying });
  }

  /** Notes that the session exists, so the key of its create is no longer needed. */
  #begun(sessionId: string): void {
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
async function wordsIn(lang = "en", own?: Strings): Promise<Words> {
  if (own || !/^en\b/i.test(lang)) {
    try {
      return await (await import("./locale.js")).loadWords(lang, own);
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
