import type { EventName } from "../types.js";
import type { Details, Effect, Emitted, FailureKind, Now } from "./protocol.js";
import { backoff, MESSAGES } from "./rules.js";

/** A request in progress. */
export interface Call {
  readonly id: number;
  readonly sent: number;
}

/** The state shared by creation and session: time, page state, ids, and pending effects. */
export class Core {
  now: Now = { mono: 0, wall: 0 };
  visible = true;
  frozen = false;
  online = true;
  /** The platform that Start again uses, unless the user picks one. */
  platformId: number | null = null;
  /** Number of consecutive sessions that belonged to another user. */
  renewals = 0;
  /** The time of the last status request of any session. */
  polledAt = -Infinity;
  /** True if the user picks the platform. Starting again then leads back to the list. */
  readonly userPicks: boolean;
  readonly #random: () => number;
  readonly #used = new Set<string>();
  #calls = 0;
  #frames = 0;
  #out: Effect[] = [];

  /** `random` returns numbers between 0 and 1, for backoff and for keys that only need to differ. */
  constructor(random: () => number, userPicks: boolean) {
    this.#random = random;
    this.userPicks = userPicks;
  }

  get mayRequest(): boolean {
    return this.online && !this.frozen;
  }

  /** Registers a request that starts now. */
  call(): Call {
    this.#calls += 1;
    return { id: this.#calls, sent: this.now.mono };
  }

  frame(): number {
    this.#frames += 1;
    return this.#frames;
  }

  key(): string {
    const word = () =>
      Math.floor(this.#random() * 2 ** 32)
        .toString(16)
        .padStart(8, "0");
    return word() + word() + word() + word();
  }

  backoff(failures: number, retryAfter: number | null): number {
    return backoff(failures, retryAfter, this.#random());
  }

  /** Marks an embed URL as used. Returns true if it was not used before. */
  markUsed(url: string): boolean {
    const fresh = !this.#used.has(url);
    this.#used.add(url);
    return fresh;
  }

  do(effect: Effect): void {
    this.#out.push(effect);
  }

  emit<Name extends EventName>(name: Name, detail: Details[Name]): void {
    this.do({ emit: { [name]: detail } as unknown as Emitted });
  }

  emitFailure(sessionId: string | undefined, code: FailureKind, retrying: boolean): void {
    this.emit("error", { ...(sessionId !== undefined && { sessionId }), code, message: MESSAGES[code], retrying });
  }

  /** Returns the pending effects and clears them. */
  take(): Effect[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

/** Returns the earliest of the given times. */
export function earliest(...times: readonly (number | undefined | false)[]): number | undefined {
  const known = times.filter((time) => typeof time === "number");
  return known.length > 0 ? Math.min(...known) : undefined;
}
