import { type Call, type Core, earliest } from "./core.js";
import type { Failure, FrameSignal, Outcome, PlainView } from "./protocol.js";
import { EMBED_SPACING, EMBED_TIMEOUT, isRetryable, NO_RESPONSE, OFFER_WINDOW_AFTER } from "./rules.js";

/** The session's state and methods that the frame uses. */
interface Session {
  readonly sessionId: string;
  readonly resumed: boolean;
  readonly isReady: boolean;
  readonly statusSince: number;
  leaveOtherUsersSession(): boolean;
  /** Reports a hint that the session may have changed. */
  onHint(): void;
}

/** The iframe: one at a time, each URL used once, replaced only on request. */
export class Frame {
  /** A fresh URL to offer as a link to a new window. */
  window: string | null = null;
  readonly #core: Core;
  readonly #session: Session;
  #shown: number | undefined;
  #blocked = false;
  #unavailable = false;
  #announced = false;
  #want: "frame" | "window" | undefined;
  #call: Call | undefined;
  #fetchAt = -Infinity;
  #failures = 0;
  #windowOffered = false;

  constructor(core: Core, session: Session) {
    this.#core = core;
    this.#session = session;
  }

  get view(): PlainView["frame"] {
    if (this.#unavailable) return "unavailable";
    if (this.#blocked) return "blocked";
    return this.#shown === undefined ? "none" : "shown";
  }

  /** Shows `url` in the session's only frame, unless it was used before. */
  mount(url: string): void {
    const core = this.#core;
    if (!core.markUsed(url)) return this.#rejectUsedUrl();
    this.#drop();
    this.#shown = core.frame();
    this.#blocked = false;
    this.#unavailable = false;
    this.window = null;
    core.do({ mount: [this.#shown, url] });
    if (this.#announced) return;
    this.#announced = true;
    core.emit("ready", { sessionId: this.#session.sessionId, resumed: this.#session.resumed });
  }

  /**
   * Requests a new frame, for the user or after a move in the document. The old one stays until the new one is ready.
   */
  want(): void {
    this.#want = "frame";
  }

  onSignal(frame: number, signal: FrameSignal): void {
    if (frame !== this.#shown) return;
    switch (signal) {
      case "loaded":
      case "hint":
        return this.#session.onHint();
      case "lost":
        this.#drop();
        return this.want();
      case "cspBlocked":
        if (this.#blocked) return;
        this.#blocked = true;
        this.#want ??= "window";
        this.#emitError(
          "frame-blocked",
          "This page's Content-Security-Policy refuses the frame. Add its origin to frame-src.",
        );
    }
  }

  onResponse(call: number, outcome: Outcome<{ readonly embedUrl: string }>): void {
    if (this.#call?.id !== call) return;
    this.#call = undefined;
    if ("Err" in outcome) return this.#failed(outcome.Err);
    const [want, url] = [this.#want, outcome.Ok.embedUrl];
    this.#want = undefined;
    this.#failures = 0;
    if (want === "frame") this.mount(url);
    else if (want === "window" && this.#core.markUsed(url)) this.window = url;
  }

  stop(): void {
    if (this.#call) this.#core.do({ cancel: this.#call.id });
    this.#call = undefined;
    this.#drop();
  }

  runTimers(): void {
    const core = this.#core;
    if (this.#call && core.now.mono >= this.#call.sent + EMBED_TIMEOUT) {
      core.do({ cancel: this.#call.id });
      this.#call = undefined;
      this.#failed(NO_RESPONSE);
    }
    const { isReady, statusSince } = this.#session;
    if (isReady && this.#shown !== undefined && core.now.mono >= statusSince + OFFER_WINDOW_AFTER) {
      if (!this.#windowOffered) this.#want ??= "window";
      this.#windowOffered = true;
    } else if (!this.#blocked && !isReady) {
      this.window = null;
    }
    if (!this.#want || this.#call || !core.mayRequest || core.now.mono < this.#fetchAt) return;
    this.#call = core.call();
    this.#fetchAt = core.now.mono + EMBED_SPACING;
    core.do({ fetchEmbedUrl: { call: this.#call.id } });
  }

  get deadline(): number | undefined {
    const waits = this.#want !== undefined && !this.#call && this.#core.mayRequest;
    const offers = this.#session.isReady && this.#shown !== undefined && !this.#windowOffered;
    return earliest(
      this.#call && this.#call.sent + EMBED_TIMEOUT,
      waits && this.#fetchAt,
      offers && this.#session.statusSince + OFFER_WINDOW_AFTER,
    );
  }

  #drop(): void {
    if (this.#shown !== undefined) this.#core.do({ drop: this.#shown });
    this.#shown = undefined;
  }

  #failed({ kind, retryAfter }: Failure): void {
    if (kind === "other-user" && this.#session.leaveOtherUsersSession()) return;
    const core = this.#core;
    const retrying = isRetryable(kind);
    this.#failures += 1;
    this.#fetchAt = Math.max(this.#fetchAt, core.now.mono + core.backoff(this.#failures, retryAfter));
    if (!retrying) {
      this.#unavailable = this.#want === "frame" && this.#shown === undefined;
      this.#want = undefined;
    }
    if (this.#failures === 1 || !retrying) core.emitFailure(this.#session.sessionId, kind, retrying);
  }

  /** The server returned a URL that was loaded already. Loading it again would only show the provider's refusal. */
  #rejectUsedUrl(): void {
    if (this.#shown !== undefined) return;
    this.#unavailable = true;
    this.#emitError("bad-response", "The proxy returned an embed URL that was used before. Start again.");
  }

  #emitError(code: string, message: string): void {
    this.#core.emit("error", { sessionId: this.#session.sessionId, code, message, retrying: false });
  }
}
