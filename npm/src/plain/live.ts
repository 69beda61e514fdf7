import type { Created, SessionStatus, Step } from "../types.js";
import { type Call, type Core, earliest } from "./core.js";
import { Frame } from "./frame.js";
import {
  BLANK,
  type End,
  type Failure,
  type Input,
  type PlainView,
  type Platform,
  type Resumed,
  type SessionView,
} from "./protocol.js";
import * as rules from "./rules.js";

/** A status request in progress. */
interface Poll extends Call {
  readonly fresh: boolean;
  /** True if the page was hidden meanwhile, so that a failure says nothing about the server. */
  spanned: boolean;
}

type StatusResponse = Extract<Input, { readonly status: unknown }>["status"][1];

/** A session in progress; after its end it keeps its last state. */
export class Live {
  end: End | undefined;
  readonly frame: Frame;
  /** True once the session is known to belong to another user of this browser. It is dropped without an event. */
  belongsToOtherUser = false;
  readonly sessionId: string;
  readonly resumed: boolean;
  statusSince: number;
  readonly #core: Core;
  #status: SessionStatus | null = null;
  #step: Step = "connect";
  #progress = 0;
  #platform: Platform | null = null;
  /** True once a server has reported the session's status. */
  #seen = false;
  #rev = 0;
  #expiresAt: number | undefined;
  /** The server's clock minus the device's, in milliseconds. */
  #clockOffset = 0;
  #expiryPolled = false;
  #expiringEmitted = false;
  #minutesLeft: number | null = null;
  #poll: Poll | undefined;
  #pollAt: number;
  #pollFresh = false;
  #hintCancels = 0;
  #failures = 0;
  #busy = false;
  #denials = 0;
  #deniedSince = 0;
  #stalled = false;

  /** Starts a session that was just created: shows its frame and polls it. */
  static given(core: Core, created: Created): Live {
    const live = new Live(core, created, false);
    live.#correctClock(created.serverTime);
    live.#status = created.status ?? "CREATED";
    core.emit("status", { sessionId: live.sessionId, status: live.#status, step: live.#step });
    live.frame.mount(created.embedUrl);
    return live;
  }

  /** Resumes a session from before this page was loaded: polls first, and shows the frame once the session is known. */
  static resume(core: Core, resume: Resumed): Live {
    const live = new Live(core, resume, true);
    live.#pollFresh = true;
    if (resume.frameUrl !== undefined) live.frame.mount(resume.frameUrl);
    return live;
  }

  private constructor(core: Core, known: Created | Resumed, resumed: boolean) {
    this.#core = core;
    this.sessionId = known.sessionId;
    this.resumed = resumed;
    this.statusSince = core.now.mono;
    this.#pollAt = core.now.mono;
    this.#expiresAt = rules.timeOf(known.expiresAt);
    this.frame = new Frame(core, this);
    core.platformId = known.platformId ?? (resumed ? null : core.platformId);
    core.do({
      save: {
        sessionId: known.sessionId,
        clientToken: known.clientToken,
        platformId: core.platformId,
        expiresAt: this.#expiresAt === undefined ? null : new Date(this.#expiresAt).toISOString(),
      },
    });
  }

  get isReady(): boolean {
    return this.#status === "READY";
  }

  /** Handles the response to a status request. Responses to abandoned requests are dropped. */
  onResponse(call: number, { result }: StatusResponse): void {
    const poll = this.#poll;
    if (!poll || poll.id !== call) return;
    this.#poll = undefined;
    if ("Ok" in result) this.#onView(poll, result.Ok);
    else this.#failed(poll, result.Err);
  }

  /** Polls as soon as the minimum spacing allows, with a fresh status from the provider. Drops an outdated request. */
  pollNow(): void {
    this.cancelPoll();
    this.#pollFresh = true;
    // A server-supplied delay always applies, even to a manual refresh.
    if (!this.#busy) this.#pollAt = this.#core.now.mono;
  }

  /**
   * Handles a hint from the iframe or the page that the session may have changed.
   *
   * Each canceled request doubles the minimum age of the next one before a hint may cancel it, until a response
   * arrives. So a flood of messages cannot keep a slow server from ever responding.
   */
  onHint(): void {
    this.#pollFresh = true;
    if (!this.#poll) return this.pollNow();
    const alone = this.#poll.fresh || this.#hintCancels > 0;
    const leastAge = alone ? rules.HINT_MIN_AGE * 2 ** Math.min(this.#hintCancels, 6) : 0;
    if (this.#core.now.mono < this.#poll.sent + leastAge) return;
    this.#hintCancels += 1;
    this.pollNow();
  }

  /**
   * Leaves another user's session. Limited in number: an identity that keeps changing would start one after another.
   */
  leaveOtherUsersSession(): boolean {
    if (this.#core.renewals >= rules.RENEWALS) return false;
    this.#core.renewals += 1;
    this.belongsToOtherUser = true;
    return true;
  }

  cancelPoll(): void {
    if (!this.#poll) return;
    this.#core.do({ cancel: this.#poll.id });
    this.#poll = undefined;
    this.#pollAt = this.#core.now.mono;
  }

  /** Notes that the page is hidden. */
  hide(): void {
    if (this.#poll) this.#poll.spanned = true;
  }

  /** Ends the view at the page's request. The session itself continues, because the provider has no cancel request. */
  close(): void {
    this.#core.do("notifyClosed");
    this.#finish({ reason: "closed", confirmed: true });
  }

  stop(): void {
    this.cancelPoll();
    this.frame.stop();
  }

  runTimers(): void {
    this.#runExpiry();
    if (!this.end) this.#runPoll();
    if (!this.end) this.frame.runTimers();
  }

  get deadline(): number | undefined {
    const core = this.#core;
    const next = core.mayRequest && Math.max(core.polledAt + rules.POLL_SPACING, this.#pollAt);
    return earliest(
      this.#poll ? this.#poll.sent + rules.POLL_TIMEOUT : next,
      this.frame.deadline,
      this.#expiryDeadline,
    );
  }

  get view(): PlainView {
    const known = {
      ...BLANK,
      sessionId: this.sessionId,
      status: this.#status,
      step: this.#step,
      progress: this.#progress,
      platform: this.#platform,
    };
    if (this.end) return { ...known, stage: { ended: this.end } };
    // Show "Reconnecting" only after a second consecutive failure.
    const trouble = this.#failures > 1 ? "reconnecting" : "fine";
    return {
      ...known,
      stage: "live",
      connection: this.#core.online ? trouble : "offline",
      stalled: this.#stalled,
      frame: this.frame.view,
      window: this.frame.window,
      minutesLeft: this.#minutesLeft,
    };
  }

  #onView(poll: Poll, view: SessionView): void {
    const { sessionId } = this;
    if (view.sessionId !== sessionId) return this.#failed(poll, rules.INVALID_RESPONSE);
    const [before, progress, first] = [this.#status, this.#progress, !this.#seen];
    this.#applyView(view);
    this.#schedule();
    if (before !== view.status) {
      this.#core.emit("status", { sessionId, status: view.status, step: this.#step });
      if (view.status === "AWAITING_USER") this.#core.emit("action", { sessionId });
    }
    if (progress !== this.#progress) this.#core.emit("progress", { sessionId, progress: this.#progress });
    const end = rules.endOf(view, this.#serverNow);
    const { hasAttestation } = view;
    if (end?.reason === "completed") this.#core.emit("complete", { sessionId, hasAttestation });
    if (end?.reason === "partial") this.#core.emit("partial", { sessionId, hasAttestation });
    if (end) this.#finish(end);
    else if (first && this.resumed && this.frame.view === "none") this.frame.want();
  }

  #applyView(view: SessionView): void {
    const core = this.#core;
    this.#correctClock(view.serverTime);
    if (this.#status !== view.status) this.statusSince = core.now.mono;
    this.#status = view.status;
    this.#step = rules.stepAfter(this.#step, view.status);
    this.#progress = Math.max(this.#progress, Math.min(view.progress, 100));
    this.#platform = view.platform ?? this.#platform;
    this.#rev = view.rev;
    this.#expiresAt = rules.timeOf(view.expiresAt) ?? this.#expiresAt;
    core.platformId = view.platformId ?? core.platformId;
    this.#seen = true;
    core.renewals = 0;
    this.#failures = 0;
    this.#denials = 0;
    this.#busy = false;
    this.#stalled = false;
  }

  #schedule(): void {
    this.#hintCancels = 0;
    const pause = rules.awaitsUser(this.#status) ? rules.POLL_USER : rules.POLL_MACHINE;
    this.#pollAt = this.#core.now.mono + (this.#pollFresh ? 0 : pause);
  }

  /** A failure causes a delay. It never ends the session or removes the frame. */
  #failed(poll: Poll, { kind, retryAfter }: Failure): void {
    if (kind === "other-user" && this.leaveOtherUsersSession()) return;
    const now = this.#core.now.mono;
    if (poll.spanned && kind === "network") {
      this.#pollAt = now + 1_000;
      return;
    }
    this.#failures += 1;
    this.#busy = kind === "rate-limited";
    const wasStalled = this.#stalled;
    let wait = this.#core.backoff(this.#failures, retryAfter);
    if (!rules.isRetryable(kind)) {
      if (this.#denials === 0) this.#deniedSince = now;
      this.#denials += 1;
      const longDenied = this.#denials >= rules.STALL.denials && now - this.#deniedSince >= rules.STALL.after;
      if (longDenied) wait = rules.STALL.poll;
      // For a session that was never seen, half a minute without a message is too long.
      this.#stalled ||= longDenied || (this.resumed && !this.#seen);
    }
    this.#pollAt = now + wait;
    // Reports the first failure of a series and the one that stalls the session; the page needs no more.
    if (this.#failures === 1 || this.#stalled !== wasStalled) this.#core.emitFailure(this.sessionId, kind, true);
  }

  #runPoll(): void {
    const core = this.#core;
    const now = core.now.mono;
    if (this.#poll && now >= this.#poll.sent + rules.POLL_TIMEOUT) {
      const late = this.#poll;
      this.#poll = undefined;
      core.do({ cancel: late.id });
      this.#failed(late, rules.NO_RESPONSE);
    }
    if (this.#poll || !core.mayRequest || now < this.#pollAt || now < core.polledAt + rules.POLL_SPACING) return;
    this.#poll = { ...core.call(), fresh: this.#pollFresh, spanned: !core.visible };
    this.#pollFresh = false;
    core.polledAt = now;
    core.do({ pollStatus: { call: this.#poll.id, after: this.#rev, waitSecs: 0, fresh: this.#poll.fresh } });
  }

  /** Warns before `expiresAt`, polls at it, and ends the session well past it if the server is unreachable. */
  #runExpiry(): void {
    const left = this.#untilExpiry;
    if (left === undefined) return;
    const cutOff = !this.#core.online || this.#failures > 0 || this.#denials > 0;
    if (left <= -rules.EXPIRED_AFTER && cutOff) return this.#finish({ reason: "expired", confirmed: false });
    this.#minutesLeft = left > 0 && left <= rules.EXPIRING_BEFORE ? Math.ceil(left / 60_000) : null;
    if (left <= 0 && !this.#expiryPolled) {
      this.#expiryPolled = true;
      this.pollNow();
    }
    if (this.#minutesLeft !== null && !this.#expiringEmitted) {
      this.#expiringEmitted = true;
      this.#core.emit("expiring", { sessionId: this.sessionId, minutes: this.#minutesLeft });
    }
  }

  get #expiryDeadline(): number | undefined {
    const left = this.#untilExpiry;
    if (left === undefined || left <= -rules.EXPIRED_AFTER) return undefined;
    let wait = left + rules.EXPIRED_AFTER;
    // The next full minute, or the expiry itself.
    if (left > 0) wait = ((left - 1) % 60_000) + 1;
    if (left > rules.EXPIRING_BEFORE) wait = left - rules.EXPIRING_BEFORE;
    // The device's clock may be changed, or may stop during sleep, so the time is checked again at intervals.
    return this.#core.now.mono + Math.min(wait, 300_000);
  }

  get #untilExpiry(): number | undefined {
    return this.#expiresAt === undefined ? undefined : this.#expiresAt - this.#serverNow;
  }

  get #serverNow(): number {
    return this.#core.now.wall + this.#clockOffset;
  }

  #correctClock(serverTime: string | null | undefined): void {
    const time = rules.timeOf(serverTime);
    if (time !== undefined) this.#clockOffset = time - this.#core.now.wall;
  }

  /** Removes the frame and the saved session. The end is the last event. */
  #finish(end: End): void {
    this.stop();
    this.#core.do("forget");
    if (end.code) {
      const message = "The provider ended the verification with this code. The user can try again.";
      this.#core.emit("error", { sessionId: this.sessionId, code: `provider:${end.code}`, message, retrying: false });
    }
    this.#core.emit("end", { sessionId: this.sessionId, ...end });
    this.end = end;
  }
}
