import { Shell } from "../../src/browser/shell/shell.js";
import { Client } from "./client.js";
import { EndPromise } from "./end-promise.js";
import { emit } from "./events.js";
import { ATTRIBUTES, isReadPerRequest, PROPERTIES, problem, readOptions } from "./options.js";
import type { TagProperties } from "./tag.js";
import type { DetailByName, EndDetail, EventName, VerifyOptions, VerifyState } from "./types.js";
import { type StartOptions, Verification } from "./verification.js";

/** Servers have no elements, and importing this module there must be safe. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** The properties of the element. A property overrides its attribute until it is set to `undefined`. */
export interface Cr3dentialsVerify extends Omit<TagProperties, "lang"> {}

/**
 * Verifies an account inside the page: the provider's frame with a status view around it.
 *
 * It starts when it is inserted into the page and stops when it is removed. The session itself continues, and the next
 * start in the same tab resumes it. It never changes its own attributes, classes or children. Its events are only for
 * display: decide on your server what a user is granted.
 *
 * @tag cr3dentials-verify
 * @summary Verifies an account inside the page: the provider's frame with a status view around it.
 *
 * @attr {string | URL} proxy-url - The URL of the proxy's routes, such as `/api/verification`. Absolute, or relative to
 *   the page. The only required option; not needed if `createSession`, `getSession`, `getFrame` and `platform-id` are
 *   set.
 * @attr {number} platform-id - The platform of the account to verify: a whole number from 1. If it is not set, the user
 *   chooses one.
 * @attr {string} session-id - The session to resume; needs `client-token`.
 * @attr {string} client-token - The token that came with `session-id`.
 * @attr {"omit" | "same-origin" | "include"} [credentials="same-origin"] - The credentials mode of requests to the
 *   proxy, as in `fetch`.
 * @attr {"inline" | "modal" | "bare"} [mode="inline"] - The layout: in the page, in a dialog over it, or the frame
 *   alone.
 * @attr {"auto" | "light" | "dark"} [theme="auto"] - The color scheme; `auto` follows the device.
 * @attr {string} lang - A BCP 47 tag; by default the language of the page around the element. Missing translations are
 *   English.
 * @attr {string} resume-key - The key in sessionStorage under which a reloaded page finds its session. By default it is
 *   derived from `proxy-url` and `platform-id`.
 * @attr {string} partner-name - The name users know you by, for the texts that mention you.
 * @attr {string} [frame-title="Account verification"] - The frame's accessible name. The default is in the element's
 *   language.
 * @attr {boolean} [start-screen=false] - If true, waits for the user's click before a session is created. Needs
 *   `platform-id`.
 * @attr {string} privacy-url - The URL of your privacy notice. Linked before the start.
 * @attr {string} support-url - The URL of your support page. Linked before the start, and after a verification that
 *   failed.
 * @attr {"auto" | "light" | "dark"} [frame-color-scheme="light"] - The color scheme passed to the frame. The provider's
 *   page is designed for `light`.
 * @attr {boolean} [auto-resize=false] - If true, the frame may request the height it needs, from 320 to 1200 px.
 * @attr {boolean} [page-title=false] - If true, the page's title announces when it is the user's turn.
 * @attr {boolean} [back-button=true] - If true, Back hides a dialog that fills a phone's screen. If false, Back leaves
 *   the page, unless the browser itself closes dialogs by Back.
 * @attr {boolean} [debug=false] - If true, explains in the console what happens.
 *
 * @prop {RequestHeaders | (() => RequestHeaders | PromiseLike<RequestHeaders>)} headers - Headers for every request to
 *   the proxy, or a function that returns them or a promise of them. The function is called for each request, and once
 *   more after a 401.
 * @prop {(request: CreateRequest) => PromiseLike<Created>} createSession - Creates a session by your own client:
 *   returns the `data` of the proxy's response.
 * @prop {(request: StatusRequest) => PromiseLike<SessionView>} getSession - Requests a session's status by your own
 *   client: returns the `data` of the proxy's response.
 * @prop {(request: SessionRequest) => PromiseLike<{ embedUrl: string }>} getFrame - Requests a fresh frame by your own
 *   client: returns the `data` of the proxy's response.
 * @prop {Readonly<Record<string, string>>} strings - Your own texts by key; `cr3dentials-embed/locales/en` lists the
 *   keys. They override the texts of every language.
 * @prop {(step: StepTime) => void} telemetry - Called after each step, to measure where users wait and where they stop.
 *   Not called in plain mode.
 * @prop {string} wasmUrl - The URL of the `.wasm` file, if it is not next to the package's modules. A `data:` URL is
 *   not fetched.
 *
 * @fires {CustomEvent<ReadyDetail>} cr3d-ready - The session's frame is shown. Once per session.
 * @fires {CustomEvent<StatusDetail>} cr3d-status - The session's status changed.
 * @fires {CustomEvent<ProgressDetail>} cr3d-progress - Progress increased. It never decreases.
 * @fires {CustomEvent<ActionDetail>} cr3d-action - The user must act in the frame.
 * @fires {CustomEvent<ExpiringDetail>} cr3d-expiring - The session expires soon. At most once per session.
 * @fires {CustomEvent<CompleteDetail>} cr3d-complete - All data is available. At most once per session, right before
 *   `cr3d-end`. Read it on your server.
 * @fires {CustomEvent<CompleteDetail>} cr3d-partial - Some data is available. At most once per session, right before
 *   `cr3d-end`. Read it on your server.
 * @fires {CustomEvent<EndDetail>} cr3d-end - The last event of a session. Exactly once for each session that ends.
 * @fires {CustomEvent<ErrorDetail>} cr3d-error - An error occurred. The session continues unless `cr3d-end` follows.
 *   The list of codes is open: `network`, `server`, `bad-response`, `intermediary`, `rate-limited`, `forbidden`,
 *   `other-user`, `key-spent`, `not-found`, `refused`, `contract-version`, `frame-blocked`, `other-tab`, `provider:CODE`,
 *   `bad-options`, `wasm`, `internal`.
 *
 * @cssproperty {<color>} [--cr3d-background=#ffffff] - The card. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-surface=#f6f7f9] - Areas inside the card: the frame's container, skeletons, hovered
 *   buttons. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-border=#e2e5ea] - Lines and the bar's track. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-control-border=#7f8895] - Borders of inputs and buttons. The default is that of the
 *   light theme.
 * @cssproperty {<color>} [--cr3d-text=#14181f] - Text. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-muted=#56606e] - Secondary text. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-accent=#3451d1] - The bar, the main button, links, focus rings, the user's turn. The
 *   default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-on-accent=#ffffff] - Text and icons on the accent color. The default is that of the
 *   light theme.
 * @cssproperty {<color>} [--cr3d-good=#1b7446] - Success. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-attention=#8f5200] - Warnings. The default is that of the light theme.
 * @cssproperty {<color>} [--cr3d-bad=#b3261e] - Failure. The default is that of the light theme.
 * @cssproperty [--cr3d-shadow=0 1px 2px rgb(20 24 31 / 6%), 0 8px 24px rgb(20 24 31 / 8%)] - The card's shadow. The
 *   default is that of the light theme.
 * @cssproperty {<length>} [--cr3d-radius=12px] - The card's corners.
 * @cssproperty {<length>} [--cr3d-radius-control=8px] - Corners of buttons and inputs.
 * @cssproperty {<length>} [--cr3d-space=16px] - Space at the card's sides.
 * @cssproperty [--cr3d-font=inherit] - The font family.
 * @cssproperty {<length>} [--cr3d-frame-height=560px] - The frame's height in the page, and its maximum height in a
 *   dialog.
 *
 * @csspart dialog - The card itself.
 * @csspart header - The platform's icon and the heading.
 * @csspart close - The control that closes a dialog.
 * @csspart leave - The prompt to confirm leaving.
 * @csspart steps - The four steps with their bar.
 * @csspart bar - The progress bar.
 * @csspart status - The status title and the line below it.
 * @csspart picker - The list of platforms.
 * @csspart code - The provider's error code.
 * @csspart frame - The frame's container.
 * @csspart done - The button that closes a dialog after the end.
 * @csspart trust - The line at the bottom.
 *
 * @cssstate running - A session is being started or is in progress.
 * @cssstate ended - The session has ended.
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
      if (Object.hasOwn(this, key)) {
        const value = this[key];
        delete this[key];
        this.set(key, value);
      }
    }
  }

  /** A promise for the end of the session, with the detail of `cr3d-end`; a new one at each start. Never rejects. */
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
    else if (this.isConnected) this.#schedule();
    else this.#started("open");
  }

  /** Hides the dialog of `mode="modal"`. The session continues, and `open()` shows it again. */
  hide(): void {
    this.#started("hide")?.hide();
  }

  /** Ends this view of the session. The session itself may go on. */
  close(): void {
    this.#started("close")?.close();
  }

  /** Requests the status from the server now. After a start that failed, tries again. */
  refresh(): void {
    this.#started("refresh")?.call((view) => view.refresh());
  }

  /** Continues the same session in a new frame. */
  remount(): void {
    this.#started("remount")?.call((view) => view.remount());
  }

  /** Ends this view of the session and starts a new session. */
  startAgain(): void {
    const verification = this.#started("startAgain");
    if (verification) this.#ended.startAgain();
    verification?.startAgain();
  }

  /** Sets several options at once. */
  update(options: VerifyOptions): void {
    for (const [key, value] of Object.entries(options)) this.set(key as keyof VerifyOptions, value);
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
   * Declares, by its existence, that the element can be moved without a reload. Firefox reloads frames anyway.
   */
  connectedMoveCallback(): void {
    this.#verification?.movedAlive();
  }

  /** Declares that the element works in another document: a part of the page in its own window, for example. */
  adoptedCallback(): void {
    this.#verification?.adopted();
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
    const verification = this.#verification;
    if (!verification) {
      this.#schedule();
    } else if (key === "mode") {
      verification.setMode(this.mode ?? "inline");
    } else if (key === "lang" || key === "strings") {
      verification.setLanguage(this.#language(), this.strings);
    } else if (key === "theme" || key === "partnerName") {
      // A removed option falls back to its default.
      const value = this.get(key) ?? (key === "theme" ? "auto" : "");
      verification.call((view) => view.update({ [key]: value }));
    } else if (!isReadPerRequest(key)) {
      console.warn(`<cr3dentials-verify>: "${shown}" was changed after the start. Insert the element again.`);
    }
  }

  /** Starts at the end of the current task, after the page has set all options. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.isConnected || this.#destroyed || this.#verification) return;
      // A page that is only prepared may never be seen, and a session is created for a user.
      const page: Document & { readonly prerendering?: boolean } = this.ownerDocument;
      if (page.prerendering) page.addEventListener("prerenderingchange", () => this.#schedule(), { once: true });
      else this.#start();
    });
  }

  #start(): void {
    const options = readOptions(this, this.#properties);
    if (options.mode === "modal" && !this.#openRequested) return;
    const message = problem(this, this.#properties);
    if (message !== undefined) return emit(this, "error", { code: "bad-options", message, retrying: false });
    this.#setState("running");
    this.#verification = new Verification(
      this.#shell,
      // The proxy's URL is not needed if the page has its own client.
      { proxyUrl: "", wasmUrl: Cr3dentialsVerify.wasmUrl, ...options, lang: this.#language() } as StartOptions,
      (name, detail) => this.#onEvent(name, detail),
      new Client(() => readOptions(this, this.#properties)),
    );
  }

  #language(): string {
    return this.get("lang") ?? pageLanguage(this);
  }

  #stop(): void {
    this.#stopped ||= this.#verification !== undefined;
    this.#verification?.destroy();
    this.#verification = undefined;
    this.#openRequested = false;
    this.#setState();
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

  /** Returns the verification. Without one, a call of `method` does nothing. */
  #started(method: string): Verification | undefined {
    if (!this.#verification) {
      console.warn(`<cr3dentials-verify>: ${method}() does nothing before the start.`);
    }
    return this.#verification;
  }

  /** Exposes the state to style sheets, as `:state(running)` or `:state(ended)`. */
  #setState(state?: "running" | "ended"): void {
    try {
      const { states } = this.#internals;
      states.clear();
      if (state) states.add(state);
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
function pageLanguage(element: Element): string {
  const root = element.closest("[lang]") ?? element.ownerDocument.documentElement;
  return root.getAttribute("lang") || "en";
}
