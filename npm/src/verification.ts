import type { Shell } from "../../src/browser/shell/shell.js";
import { type Client, isFrameUrl } from "./client.js";
import type { FullHost, ViewHandle } from "./full-view.js";
import { importWithRetry } from "./import-with-retry.js";
import type { Strings, Texts } from "./locale.js";
import type { PlainHost } from "./plain/host.js";
import { SessionStart } from "./session-start.js";
import { within } from "./sleep.js";
import { SessionStore } from "./storage.js";
import { english, loadTexts } from "./texts.js";
import type { DetailByName, EndDetail, EventName, Mode, VerifyOptions, VerifyState } from "./types.js";

/**
 * Timeout for loading the scripts of the view and of plain mode, in milliseconds. A script that fails is reported as an
 * error; one that hangs would leave a session without a view and without polling.
 */
const SCRIPT_TIMEOUT_MS = 10_000;

/** Timeout for loading another language, in milliseconds. Until it arrives, the view is in English. */
const TEXTS_TIMEOUT_MS = 4_000;

/** The element's options at its start. */
export type StartOptions = VerifyOptions & { proxyUrl: string; lang: string };

/** Receives the events for the page. */
export type Listener = <Name extends EventName>(name: Name, detail: DetailByName[Name]) => void;

/** The phases from the start to the end, each with the stage that it reports without a view: `loading` if it has none. */
type Phase =
  /** The session is found or created while a view is loaded. */
  | { readonly name: "creating"; readonly stage?: never }
  /** The session is known, or its create has failed, and a view takes over. */
  | { readonly name: "handing over"; readonly stage?: never }
  | { readonly name: "full" | "plain"; readonly stage: "live"; readonly view: ViewHandle }
  /** There is no view and there will be none. A frame stays. */
  | { readonly name: "failed"; readonly stage: "live" | { readonly notStarted: "wasm" } }
  /** The page closed the verification before there was a view. */
  | { readonly name: "closed"; readonly stage: { readonly ended: EndDetail } }
  | { readonly name: "destroyed"; readonly stage: "destroyed" };

/**
 * The element's work from insertion to removal: creates or finds the session, shows the frame at once, loads the view
 * in parallel, and hands both over. After `destroy` it holds no request, timer or listener and emits no events.
 */
export class Verification {
  readonly #shell: Shell;
  readonly #options: StartOptions;
  readonly #store: SessionStore;
  readonly #client: Client;
  readonly #listener: Listener;
  /** Calls that wait for a view. */
  readonly #queuedCalls: ((view: ViewHandle) => void)[] = [];
  #phase!: Phase;
  #session!: SessionStart;
  /** Aborted at the end of the work, or when the page closes it before there is a view. */
  #abort!: AbortController;
  /** The texts as far as they are loaded, and the last request for them. */
  #texts!: Texts;
  #loadingTexts!: Promise<void>;
  /** True if the dialog is shown, or will be as soon as there are styles. */
  #shown!: boolean;
  #sessionId: string | undefined;
  /** The last event of each name for the current session, from the full view to plain mode. */
  #history!: FullHost["history"];

  constructor(shell: Shell, options: StartOptions, listener: Listener, client: Client) {
    this.#shell = shell;
    this.#options = options;
    this.#store = new SessionStore(options);
    this.#client = client;
    this.#listener = listener;
    shell.backButton = options.backButton !== false;
    void this.#run();
  }

  /** The state of the verification. */
  get state(): VerifyState {
    return this.#view?.state() ?? { stage: this.#phase.stage ?? "loading", ...this.#id };
  }

  /** Calls the view now, or once there is one. */
  call(action: (view: ViewHandle) => void): void {
    if (this.#view) action(this.#view);
    else this.#queuedCalls.push(action);
  }

  /** Shows the dialog. After the page has closed it, begins a new session. */
  open(): void {
    this.#shown = true;
    if (this.#view) this.#view.open();
    else if (this.#phase.name === "closed") void this.#run();
    else this.#shell.show();
  }

  /** Hides the dialog. The session continues. */
  hide(): void {
    this.#shown = false;
    (this.#view ?? this.#shell).hide();
  }

  /** Ends this view of the session. */
  close(): void {
    if (this.#view) this.#view.close();
    else if (!this.#abort.signal.aborted) this.#closeWithoutView();
  }

  /** Ends this view of the session, and begins a new session. */
  startAgain(): void {
    if (this.#view) return this.#view.startAgain();
    this.close();
    if (this.#phase.name === "closed") void this.#run();
  }

  /** Changes the layout. */
  setMode(mode: Mode): void {
    this.#options.mode = mode;
    if (this.#view) this.#view.update({ mode });
    else this.#shell.setMode(mode);
  }

  /** Changes the language or the page's own texts as soon as they are loaded. */
  setLanguage(lang: string, own: Strings | undefined): void {
    Object.assign(this.#options, { lang, strings: own });
    const { signal } = this.#abort;
    const loading = loadTexts(lang, own).then((texts) => {
      // Newer ones may have been requested meanwhile.
      if (!signal.aborted && this.#loadingTexts === loading) this.#setTexts(texts);
    });
    this.#loadingTexts = loading;
  }

  /** The element was moved with `moveBefore`, which should not reload the iframe. Some browsers do reload it. */
  movedAlive(): void {
    // Before that can be known, there is no more to lose than a frame that has just been created.
    if (this.#shell.page?.hasNewWindow !== false) this.moved();
  }

  /** The element was moved in the page or to another document: the browser has loaded the frame's used URL again. */
  moved(): void {
    // A dialog is no longer modal after a move.
    if (this.#shell.isOpen) this.#shell.show();
    if (this.#view) this.#view.frameLost();
    else if (this.#session.frameLost()) this.#shell.dropFrame();
  }

  /** The element is in another document now, which needs its own style sheet. */
  adopted(): void {
    void script?.then(({ dress }) => dress(this.#shell));
  }

  destroy(): void {
    const view = this.#view;
    this.#phase = { name: "destroyed", stage: "destroyed" };
    this.#cancel();
    view?.destroy();
    this.#shell.clear();
  }

  /** Finds or creates a session, shows its frame, and continues with a view. */
  async #run(): Promise<void> {
    const { mode, theme, frameColorScheme, lang, strings, wasmUrl } = this.#options;
    const shell = this.#shell;
    this.#phase = { name: "creating" };
    this.#session = new SessionStart(this.#options, this.#store, this.#client);
    this.#sessionId = undefined;
    this.#history = new Map();
    this.#shown = true;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    shell.mode = mode ?? "inline";
    shell.setTheme(theme ?? "auto", frameColorScheme ?? "light");
    this.#setTexts(english(strings));
    // The create is sent first because it takes longest; the view is loaded in parallel.
    const begun = this.#begin(signal);
    this.setLanguage(lang, strings);
    // Nothing is shown without styles, but the create does not wait for them. If they fail, the element works without
    // them; if they are late, they are applied late.
    const dressed = loadView().then((view) => {
      view.dress(shell);
      return view;
    });
    const script = within(dressed, SCRIPT_TIMEOUT_MS, signal);
    const shown = script.catch(() => undefined).then(() => !signal.aborted && this.#shown && shell.show());
    const failed = (why: unknown) => this.#report("wasm", `The module failed: ${String(why)}`, true);
    const loading = script.then(({ loadFull }) => loadFull(wasmUrl, signal, failed)).catch(failed);
    const translated = within(this.#loadingTexts, TEXTS_TIMEOUT_MS, signal).catch(() => undefined);
    const [mountFull] = await Promise.all([loading, begun, translated, shown]);
    if (signal.aborted) return;
    this.#phase = { name: "handing over" };
    const view = mountFull?.(this.#host());
    if (view) this.#start("full", view);
    else await this.#startPlainMode();
  }

  /** Finds or creates the session, and shows the frame of one that was just created. */
  async #begin(signal: AbortSignal): Promise<void> {
    const created = await this.#session.run(signal);
    if (signal.aborted) return;
    this.#sessionId = this.#session.session?.sessionId;
    if (created) this.#shell.insertFrame(created.embedUrl, this.#frameTitle);
  }

  /** Shows texts: the view's, or without a view the opening text. */
  #setTexts(texts: Texts): void {
    const { lang, strings } = texts;
    const shell = this.#shell;
    this.#texts = texts;
    if (this.#view) {
      this.#view.update(texts);
    } else if (this.#phase.name !== "failed") {
      const title = this.#options.platformId === undefined ? "" : strings["opening.title"];
      shell.showMessage(title ?? "Opening a secure window", strings["opening.line"] ?? "This takes a few seconds.");
      shell.setLanguage(lang, strings.frameTitle, strings.close, strings.done);
    }
    shell.nameFrame(this.#frameTitle);
  }

  get #frameTitle(): string {
    return this.#options.frameTitle ?? this.#texts.strings.frameTitle ?? "Account verification";
  }

  /** Returns what a view needs from here. */
  #host(): FullHost & PlainHost {
    return {
      shell: this.#shell,
      client: this.#client,
      options: {
        ...this.#options,
        ...this.#texts,
        headers: () => this.#client.headers(),
        start: this.#session.start,
        resumeKey: this.#store.resumeKey,
        // The key of a create that may have reached the proxy without a result here.
        idempotencyKey: this.#session.key,
      },
      history: this.#history,
      listener: this.#onEvent,
      report: this.#report,
      fallBack: () => void this.#startPlainMode(),
      store: this.#store,
      isFrameUrl,
    };
  }

  /** Continues without the module, in the existing iframe if there is one. */
  async #startPlainMode(): Promise<void> {
    const { signal } = this.#abort;
    this.#phase = { name: "handing over" };
    try {
      const loading = importWithRetry(() => import("./plain.js"));
      const { mountPlain } = await within(loading, SCRIPT_TIMEOUT_MS, signal);
      if (!signal.aborted) this.#start("plain", mountPlain(this.#host()));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Starts a view after it is stored: a listener of its first event may read the state or destroy it. */
  #start(name: "full" | "plain", view: ViewHandle): void {
    this.#phase = { name, stage: "live", view };
    view.start();
    for (const action of this.#queuedCalls.splice(0)) this.call(action);
  }

  /** Neither view works: a frame stays, with a sentence. */
  #fail(error: unknown): void {
    this.#phase = { name: "failed", stage: this.#sessionId ? "live" : { notStarted: "wasm" } };
    if (this.#shell.iframe) this.#shell.showMessage("Ready when you are", "Sign in below.");
    else this.#shell.showMessage("Something went wrong on this page", "Reload the page to continue.");
    this.#report("wasm", `Plain mode failed: ${String(error)}`, false);
  }

  /** Ends the phases before a view, as the page wishes. */
  #closeWithoutView(): void {
    const end: EndDetail = { ...this.#id, reason: "closed", confirmed: true };
    const phase: Phase = { name: "closed", stage: { ended: end } };
    this.#phase = phase;
    this.#cancel();
    this.#session.close();
    this.#listener("end", end);
    // The listener may have begun another session.
    if (this.#phase === phase) this.#shell.clear();
  }

  #cancel(): void {
    this.#session.stop();
    this.#abort.abort();
  }

  readonly #onEvent = (name: EventName, detail: object): void => {
    if (!this.#view) return;
    const { sessionId } = detail as { readonly sessionId?: string };
    if (sessionId) {
      this.#sessionId = sessionId;
      this.#store.removePendingKey();
    }
    this.#listener(name, detail as DetailByName[typeof name]);
  };

  readonly #report = (code: string, message: string, retrying: boolean): void => {
    if (!this.#abort.signal.aborted) this.#listener("error", { ...this.#id, code, message, retrying });
  };

  get #view(): ViewHandle | undefined {
    return "view" in this.#phase ? this.#phase.view : undefined;
  }

  get #id(): { readonly sessionId?: string } {
    return this.#sessionId ? { sessionId: this.#sessionId } : {};
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
