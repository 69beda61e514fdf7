import type { Failure } from "../client.js";
import type { PlainHost } from "./host.js";
import { Lane } from "./lane.js";
import type { PlainMode } from "./mode.js";
import { getFrame } from "./requests.js";
import { isRetryable } from "./session.js";

/** Minimum time between two requests for a URL, in milliseconds. */
const SPACING = 10_000;

/** The iframe: one at a time, each URL used once. */
export class Frame {
  /** `blocked` if the page's policy refuses it, `unavailable` if there is no URL for it. */
  state: "none" | "shown" | "blocked" | "unavailable" = "none";
  /** The URL to open in a new tab, in place of a frame that is blocked. */
  link: string | undefined;
  readonly #host: PlainHost;
  readonly #mode: PlainMode;
  readonly #requests: Lane;
  readonly #usedUrls = new Set<string>();
  #listening = new AbortController();
  #wanted = false;

  constructor(host: PlainHost, mode: PlainMode) {
    this.#host = host;
    this.#mode = mode;
    this.#requests = new Lane(mode, SPACING, () => this.#request());
  }

  /** Shows `url`, unless it was used before. */
  mount(url: string): void {
    const mode = this.#mode;
    // A listener of the event before may have destroyed it.
    if (mode.stage === "destroyed") return;
    if (this.#usedUrls.has(url)) {
      if (this.state === "shown") return;
      this.state = "unavailable";
      return mode.emitError("bad-response");
    }
    this.#usedUrls.add(url);
    this.#listening.abort();
    this.#listening = new AbortController();
    const options = { signal: this.#listening.signal };
    const frame = this.#host.shell.insertFrame(url, mode.frameTitle);
    this.state = "shown";
    const hint = () => mode.run(() => mode.requestNow());
    frame.addEventListener("load", hint, options);
    frame.addEventListener("blocked", () => mode.run(() => this.#blocked()), options);
    const { origin } = new URL(url);
    window.addEventListener("message", (event) => isFrom(event, frame, origin) && hint(), options);
    mode.announce();
    // The policy may have refused it before anything listened here.
    if (frame.hasAttribute("data-blocked")) this.#blocked();
  }

  /** Requests a fresh URL. A frame that is shown stays until there is one. */
  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#requests.plan(0);
  }

  drop(): void {
    this.#listening.abort();
    this.#host.shell.dropFrame();
    this.state = "none";
  }

  /** Removes the frame, and cancels the request. */
  stop(): void {
    this.#requests.stop();
    this.#wanted = false;
    this.link = undefined;
    this.drop();
  }

  #blocked(): void {
    if (this.state !== "shown") return;
    this.state = "blocked";
    this.want();
    this.#mode.emitError("frame-blocked");
  }

  #request(): void {
    const { client, isFrameUrl } = this.#host;
    const { session } = this.#mode;
    if (!session) return;
    this.#requests.send(
      (signal) => getFrame(client, session.access, isFrameUrl, signal),
      (url) => this.#received(url),
      (failure) => this.#failed(failure),
    );
  }

  #received(url: string): void {
    this.#wanted = false;
    if (this.state !== "blocked") return this.mount(url);
    if (!this.#usedUrls.has(url)) this.link = url;
    this.#usedUrls.add(url);
  }

  #failed(failure: Failure): void {
    const { kind } = failure;
    if (this.#mode.leaves(kind)) return;
    const wait = this.#requests.fail(failure);
    const retrying = isRetryable(kind);
    if (retrying) this.#requests.plan(wait);
    else {
      this.#wanted = false;
      if (this.state === "none") this.state = "unavailable";
    }
    if (this.#requests.failures === 1 || !retrying) this.#mode.emitError(kind, retrying);
  }
}

/**
 * Returns true if a message comes from the frame's own window and its exact origin, and was sent by the browser. Its
 * content is never read. A removed frame has no window and a synthetic event has no source: null never matches null.
 */
export function isFrom(
  event: Pick<MessageEvent, "isTrusted" | "origin" | "source">,
  frame: Pick<HTMLIFrameElement, "contentWindow">,
  origin: string,
): boolean {
  return event.isTrusted && event.origin === origin && event.source !== null && event.source === frame.contentWindow;
}
