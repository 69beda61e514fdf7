import type { Created } from "../types.js";
import { type Call, type Core, earliest } from "./core.js";
import { BLANK, type End, type Failure, type FailureKind, type Outcome, type PlainView } from "./protocol.js";
import { CREATE_TIMEOUT, CREATE_TRIES, isRetryable, NO_RESPONSE, POLL_SPACING } from "./rules.js";

/** A create in progress, waiting for its next attempt, or given up until the user retries. */
export class Creating {
  end: End | undefined;
  readonly #core: Core;
  readonly #platformId: number;
  #key: string;
  #call: Call | undefined;
  #retryAt: number | undefined;
  #failures = 0;
  #busy = false;
  /** The delay requested by the server, in seconds. */
  #retrySecs: number | null = null;
  #refused: FailureKind | undefined;

  constructor(core: Core, platformId: number, key: string | null) {
    this.#core = core;
    this.#platformId = platformId;
    this.#key = key ?? core.key();
    this.#retryAt = core.now.mono;
    core.platformId = platformId;
  }

  /** Handles the response. Returns the session once there is one. */
  onResponse(call: number, outcome: Outcome<Created>): Created | undefined {
    if (this.#call?.id !== call) return undefined;
    this.#call = undefined;
    if ("Ok" in outcome) return outcome.Ok;
    this.#failed(outcome.Err);
    return undefined;
  }

  /** Records that the first attempt was made, and failed, before the engine started. */
  alreadyFailed(failure: Failure): void {
    this.#retryAt = undefined;
    this.#failed(failure);
  }

  /**
   * Retries on the user's request. If no response was received, the key stays the same, so that a create that did
   * arrive is not repeated. After a response the key is spent.
   */
  retry(): void {
    if (this.#refused === undefined) return;
    if (this.#refused !== "network") this.#key = this.#core.key();
    this.#refused = undefined;
    this.#failures = 0;
    this.#retryAt = this.#core.now.mono;
  }

  /** Skips the backoff because the network is back. A delay requested by the server still applies. */
  skipBackoff(): void {
    if (!this.#call && !this.#busy && this.#refused === undefined) this.#retryAt = this.#core.now.mono;
  }

  close(): void {
    this.stop();
    this.end = { reason: "closed", confirmed: true };
    this.#core.emit("end", { ...this.end });
  }

  stop(): void {
    if (this.#call) this.#core.do({ cancel: this.#call.id });
    this.#call = undefined;
    this.#retryAt = undefined;
  }

  runTimers(): void {
    const core = this.#core;
    if (this.#call && core.now.mono >= this.#call.sent + CREATE_TIMEOUT) {
      core.do({ cancel: this.#call.id });
      this.#call = undefined;
      this.#failed(NO_RESPONSE);
    }
    if (!core.mayRequest || this.#retryAt === undefined || core.now.mono < this.#retryAt) return;
    this.#retryAt = undefined;
    this.#call = core.call();
    core.do({ create: { call: this.#call.id, key: this.#key, platformId: this.#platformId } });
  }

  get deadline(): number | undefined {
    return earliest(this.#call && this.#call.sent + CREATE_TIMEOUT, this.#core.mayRequest && this.#retryAt);
  }

  get view(): PlainView {
    if (this.end) return { ...BLANK, stage: { ended: this.end } };
    if (this.#refused !== undefined) return { ...BLANK, stage: { notStarted: this.#refused } };
    const waits = this.#busy && this.#retryAt !== undefined;
    return { ...BLANK, stage: "creating", connection: this.#connection, retrySecs: waits ? this.#retrySecs : null };
  }

  get #connection(): PlainView["connection"] {
    if (!this.#core.online) return "offline";
    if (this.#busy) return "busy";
    return this.#failures > 0 ? "reconnecting" : "fine";
  }

  #failed(failure: Failure): void {
    const core = this.#core;
    // A spent key is refused every time. Failures are still counted, so that the attempts come to an end.
    if (failure.kind === "key-spent") this.#key = core.key();
    this.#busy = failure.kind === "rate-limited";
    this.#failures += 1;
    const goesOn = isRetryable(failure.kind) && (this.#busy || this.#failures < CREATE_TRIES);
    const wait = Math.max(core.backoff(this.#failures, failure.retryAfter), POLL_SPACING);
    this.#retrySecs = Math.ceil(wait / 1000);
    if (goesOn) this.#retryAt = core.now.mono + wait;
    else this.#refused = failure.kind;
    core.emitFailure(undefined, failure.kind, goesOn);
  }
}
