import type { EndDetail } from "./types.js";

/** A promise for the end of the session, replaced at each start. */
export class EndPromise {
  /** Resolves when the session ends, with the same detail as `cr3d-end`. Never rejects. */
  promise!: Promise<EndDetail>;
  #resolve!: (detail: EndDetail) => void;
  #last: EndDetail | undefined;
  #renew = false;

  constructor() {
    this.restart();
  }

  /** Prepares for a new session. If one is still in progress, its end is reported first. */
  startAgain(): void {
    if (this.#last) this.restart();
    else this.#renew = true;
  }

  /** Replaces the promise for a new session. The promise of a session that did not end stays pending. */
  restart(): void {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#last = undefined;
    this.#renew = false;
  }

  /** Resolves the promise. */
  end(detail: EndDetail): void {
    this.#resolve(detail);
    this.#last = detail;
    if (this.#renew) this.restart();
  }

  /** Notes an event of a session. If another session has ended before, the user has started a new one. */
  noteSession(sessionId: string | undefined): void {
    if (this.#last && sessionId && sessionId !== this.#last.sessionId) this.restart();
  }
}
