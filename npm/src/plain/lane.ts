import type { Failure, Outcome } from "../client.js";

/** Timeout for a request, in milliseconds. */
const TIMEOUT = 30_000;

/** Maximum delay that a server can request, in milliseconds. */
const LONGEST_WAIT = 120_000;

/** Requests of a kind: one at a time, with a minimum time between them, and never before Retry-After. */
export class Lane {
  /** Number of consecutive failures. */
  failures = 0;
  /** Cancels the request that is open. */
  #open: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = -Infinity;
  #notBefore = -Infinity;
  readonly #owner: { run(action: () => void): void };
  readonly #spacing: number;
  readonly #task: () => void;

  /** `task` sends a request; `spacing` is the minimum time between two, in milliseconds. */
  constructor(owner: { run(action: () => void): void }, spacing: number, task: () => void) {
    this.#owner = owner;
    this.#spacing = spacing;
    this.#task = task;
  }

  /** True while a request is open. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Runs the task after `ms`, or later if it must wait. Replaces an earlier plan. */
  plan(ms: number): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    const at = Math.max(now + ms, this.#sentAt + this.#spacing, this.#notBefore);
    this.#timer = setTimeout(() => this.#owner.run(this.#task), at - now);
  }

  /** Sends a request. Without a response in time it counts as failed. */
  send<T>(
    request: (signal: AbortSignal) => Promise<Outcome<T>>,
    onSuccess: (result: T) => void,
    onFailure: (failure: Failure) => void,
  ): void {
    this.stop();
    const open = new AbortController();
    this.#open = open;
    this.#sentAt = performance.now();
    const done = (outcome: Outcome<T>) => {
      if (this.#open !== open) return;
      this.#open = undefined;
      clearTimeout(this.#timer);
      if ("Ok" in outcome) this.failures = 0;
      this.#owner.run(() => ("Ok" in outcome ? onSuccess(outcome.Ok) : onFailure(outcome.Err)));
    };
    this.#timer = setTimeout(() => {
      done({ Err: { kind: "network", retryAfter: null } });
      open.abort();
    }, TIMEOUT);
    void request(open.signal).then(done);
  }

  /** Notes a failure. Returns the delay before the next request: the server's, or a random one that grows to 30 s. */
  fail({ retryAfter }: Failure): number {
    this.failures += 1;
    if (retryAfter === null) return Math.random() * Math.min(500 * 2 ** this.failures, 30_000);
    const wait = Math.min(retryAfter, LONGEST_WAIT);
    this.#notBefore = performance.now() + wait;
    return wait;
  }

  /** Cancels the request and the plan. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#open?.abort();
    this.#open = undefined;
  }
}
