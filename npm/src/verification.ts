import { again } from "./again.js";
import { createSession } from "./create.js";
import type { Handle, MountOptions } from "./cr3dentials_embed.js";
import type { Wasm } from "./loader.js";
import type { Strings, Words } from "./locale.js";
import type { Shell } from "./shell.js";
import { sleep, within } from "./sleep.js";
import { defaultResumeKey, loadResume, resumeOf, saveResume } from "./storage.js";
import type { DetailByName, EventName, Mode, Start, StepTime, VerifyOptions, VerifyState } from "./types.js";

/** How long a create may take before the view takes over, which can say more than one sentence about it. */
const HAND_OVER_MS = 8_000;

/**
 * Timeout for the view's and the plain mode's script, in milliseconds. One that fails says so; one that hangs would leave
 * a session that no one shows or polls.
 */
const SCRIPT_MS = 10_000;

/** Timeout for the words of another language, in milliseconds. Until they come after all, the view speaks English. */
const WORDS_MS = 4_000;

/** What is said when there is nothing to go on with. */
const BROKEN = ["Something went wrong on this page", "Reload the page to continue."] as const;

/** How long after a create was left unanswered its idempotency key is used again. */
const SAME_KEY_MS = 30_000;

/**
 * The keys of creates that nobody waited for, by what was asked for, and until when each is good (Unix milliseconds).
 * Whoever asks for the same next, be it another element, uses the key again: leaving a route and coming back makes one
 * session, not two.
 */
const unanswered = new Map<string, readonly [key: string, until: number]>();

/** Tells the page what happened. */
export type Listener = <Name extends EventName>(name: Name, detail: DetailByName[Name]) => void;

/**
 * One stay of the element in the page: creates or finds the session, shows the frame at once, loads the view beside
 * it, and hands both over. After `destroy` it holds no request, timer or listener and says nothing more.
 */
export class Verification {
  readonly #shell: Shell;
  readonly #options: VerifyOptions & { proxyUrl: string };
  readonly #resumeKey: string;
  readonly #asked: string;
  /** The key of the create that may be under way; none once there is a session. */
  #key: string | undefined;
  readonly #listener: Listener;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, (handle: Handle) => void>();
  #words: Promise<Words>;
  #start: Start = { kind: "new" };
  #handle: Handle | undefined;
  /** A destroyed view whose memory is still to be given back. */
  #gone: Handle | undefined;
  /** Number of our calls that the view is in: the page may call us inside one. */
  #calls = 0;
  #hidden = false;
  #trapped = false;
  #broken = false;
  #sessionId: string | undefined;
  /** What was said of this session: of each event the last. */
  readonly #told = new Map<EventName, object>();

  constructor(shell: Shell, options: VerifyOptions & { proxyUrl: string }, listener: Listener) {
    this.#shell = shell;
    this.#options = options;
    this.#resumeKey = options.resumeKey ?? defaultResumeKey(options.proxyUrl, options.platformId);
    this.#asked = `${this.#resumeKey}#${options.platformId}`;
    const [key, until = 0] = unanswered.get(this.#asked) ?? [];
    // Taken out: two elements that ask at the same time want a session each.
    unanswered.delete(this.#asked);
    this.#key = until > Date.now() ? key : randomKey();
    this.#listener = listener;
    shell.onClose = () => this.hide();
    this.#words = this.#inTime(options.lang, options.strings);
    void this.#run();
  }

  /** Where the view stands. */
  get state(): VerifyState {
    return this.#guard(() => this.#handle?.state()) ?? { stage: "loading" };
  }

  /** Calls the view: now, or in order as soon as it is there. */
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

  /** Closes the dialog and ends nothing. */
  hide(): void {
    this.#hidden = true;
    if (this.#handle) this.call("hide", (handle) => handle.hide());
    else this.#shell.hide();
  }

  /** Lays it out in another way. */
  setMode(mode: Mode): void {
    this.#options.mode = mode;
    if (this.#handle) this.call("update mode", (handle) => handle.update({ mode }));
    else this.#shell.show(mode);
  }

  /** Speaks another language, or other words of the page's own, as soon as they are there. */
  speak(lang: string | undefined, own: Strings | undefined): void {
    const words = this.#inTime(lang, own);
    this.#words = words;
    void words.then((loaded) => this.#reword(words, loaded));
  }

  /** The words, or English where they take too long. When they come after all, the view changes to them. */
  #inTime(lang: string | undefined, own: Strings | undefined): Promise<Words> {
    const loading = wordsIn(lang, own);
    const words: Promise<Words> = within(loading, WORDS_MS, this.#abort.signal).catch(() => {
      void loading.then((loaded) => this.#reword(words, loaded));
      return { lang: "en", strings: own ?? {} };
    });
    return words;
  }

  /** Only the words that were asked for last count, whichever come first. */
  #reword(words: Promise<Words>, loaded: Words): void {
    if (this.#words !== words || this.#abort.signal.aborted) return;
    this.call("update words", (handle) => handle.update(loaded));
    this.#shell.nameFrame(this.#options.frameTitle ?? loaded.strings["frameTitle"]);
  }

  /** The element was moved in the document without being taken out, which loads no iframe again, or should not. */
  movedAlive(): void {
    if (this.#shell.hasNewWindow) this.moved();
  }

  /** The element was moved in the document, which has loaded its iframe again with a URL that is used up. */
  moved(): void {
    // A dialog that was moved is no longer over the page.
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
    // The create is sent first, since it takes longest; the view is loaded beside it.
    const began = this.#begin();
    const loading = loadView();
    const view = within(loading, SCRIPT_MS, this.#abort.signal);
    // Nothing is shown without its style; only the create does not wait for it. Without a style it works too, and one
    // that comes late is put on late.
    const styled = Promise.race([loading.then(({ sheet }) => this.#shell.style(sheet())), view]).catch(() => undefined);
    void styled.then(() => this.#abort.signal.aborted || this.#hidden || this.#shell.show(this.#options.mode ?? "inline"));
    const [module, words] = await Promise.all([this.#load(view), this.#words, began, styled]);
    if (this.#abort.signal.aborted) return;
    if (module) this.#mount(module, words);
    else await this.#goPlain(words);
  }

  /** What stands there until the view does. */
  async #sayOpening(): Promise<void> {
    const say = (words: Strings) => {
      const title = this.#options.platformId === undefined ? "" : (words["opening.title"] ?? "Opening a secure window");
      this.#shell.say(title, words["opening.line"] ?? "This takes a few seconds.", words["close"]);
    };
    say({});
    const { strings } = await this.#words;
    if (!this.#handle && !this.#broken && !this.#abort.signal.aborted) say(strings);
  }

  /** Decides how to start. */
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
    // At once, whatever language is on its way: a frame's name can be changed later.
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
      // Of a create that may have reached the proxy and brought nothing.
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

  /** Begins, now that the handle is stored: the very first event may ask for the state, or destroy everything. */
  #go(): void {
    this.call("start", (handle) => handle.start());
    for (const [name, action] of this.#waiting) this.call(name, action);
    this.#waiting.clear();
  }

  /** Goes on without the module: in the iframe that is there, if one is. */
  async #goPlain(words: Words): Promise<void> {
    try {
      const { mountPlain } = await within(again(() => import("./plain.js")), SCRIPT_MS, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      const listener = (name: EventName, detail: object) => this.#heard(name, detail);
      const options = this.#mountOptions(words);
      this.#handle = mountPlain({ root: this.#shell, options, listener, told: this.#told });
      this.#go();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#broken = true;
      if (this.#shell.hasFrame) this.#shell.say("Ready when you are", "Sign in below.");
      else this.#shell.say(...BROKEN);
      this.#report("wasm", `Nor could the plain mode: ${String(error)}`, false);
    }
  }

  #heard(name: EventName | "step" | "panic", detail: object): void {
    if (this.#abort.signal.aborted || this.#broken) return;
    if (name === "panic") return this.#trap("it panicked");
    if (name === "step") return this.#options.telemetry?.(detail as StepTime);
    // Only the host knows that this is the full view; the rest of a detail is the view's own.
    const full = (name === "ready" ? { mode: "full", ...detail } : detail) as DetailByName[typeof name];
    const { sessionId } = full;
    if (sessionId !== undefined) {
      if (sessionId !== this.#sessionId) this.#told.clear();
      this.#begun(sessionId);
    }
    if (name === "status") this.#told.delete("action");
    this.#told.set(name, full);
    this.#shell.noteWindow();
    this.#listener(name, full);
  }

  /** After a trap the module cannot be used any more: say so once, keep the iframe, and leave the module alone. */
  #guard<T>(action: () => T): T | undefined {
    if (this.#broken) return undefined;
    this.#calls += 1;
    try {
      return action();
    } catch (error) {
      // The module throws text when it refuses what it was told, and goes on then.
      if (typeof error !== "string") this.#trap(String(error));
      else this.#report("bad-options", error, false);
      return undefined;
    } finally {
      this.#calls -= 1;
      this.#free();
    }
  }

  /** Gives the memory of a destroyed view back: not while a call of ours is still in it, as inside one of its events. */
  #free(): void {
    const handle = this.#gone;
    if (!handle || this.#calls > 0) return;
    this.#gone = undefined;
    this.#guard(() => handle.free());
  }

  /** The module is of no use any more. It is left alone, the iframe stays, and the plain mode goes on with it. */
  #trap(why: string): void {
    if (this.#trapped) return;
    this.#trapped = true;
    this.#handle = undefined;
    void script?.then(({ withdrawWasm }) => withdrawWasm(why));
    // What has ended says nothing more, and shows what it showed.
    if (this.#told.has("end")) this.#broken = true;
    else {
      this.#report("internal", `The view stopped, and it goes on in the plain mode: ${why}`, true);
      void this.#words.then((words) => this.#goPlain(words));
    }
  }

  #report(code: string, message: string, retrying: boolean): void {
    if (this.#abort.signal.aborted) return;
    const sessionId = this.#sessionId;
    this.#listener("error", { ...(sessionId && { sessionId }), code, message, retrying });
  }

  /** There is a session: the key of its create has done its work. */
  #begun(sessionId: string): void {
    this.#sessionId = sessionId;
    this.#key = undefined;
  }
}

type View = typeof import("./view.js");

let script: Promise<View> | undefined;

/** The view's script, once for all: under another address it would have a module of its own. A failure is forgotten. */
function loadView(): Promise<View> {
  script ??= again(() => import("./view.js")).catch((error: unknown) => {
    script = undefined;
    throw error;
  });
  return script;
}

/** The words for a page in the language `lang`. English is built in: then there is nothing to load. */
async function wordsIn(lang = "en", own?: Strings): Promise<Words> {
  if (own || !/^en\b/i.test(lang)) {
    try {
      return await (await import("./locale.js")).loadWords(lang, own);
    } catch {
      // English, then: the browser's own line in the console names the file that is missing.
    }
  }
  return { lang: "en", strings: own ?? {} };
}

/** 128 random bits. */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
