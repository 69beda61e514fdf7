import type { EndDetail } from "./types.js";

/** The promise of a session's end: a new one at each start. */
export class Ended {
  #resolve!: (detail: EndDetail) => void;
  #promise = this.#next();
  #last: EndDetail | undefined;
  #renew = false;

  /** Resolves when the session ends, with the same detail as `cr3d-end`. Never rejects. */
  get promise(): Promise<EndDetail> {
    return this.#promise;
  }

  /** A new session is being asked for. Where one is still under way its end comes first. */
  startAgain(): void {
    if (this.#last) this.restart();
    else this.#renew = true;
  }

  /** A new session begins. One that did not end keeps its promise pending. */
  restart(): void {
    this.#promise = this.#next();
    this.#last = undefined;
    this.#renew = false;
  }

  /** The session ended. */
  end(detail: EndDetail): void {
    this.#resolve(detail);
    this.#last = detail;
    if (this.#renew) this.restart();
  }

  /** Something was heard of a session: one that is not the ended one was started by the user. */
  heard(sessionId: string | undefined): void {
    if (this.#last && sessionId !== undefined && sessionId !== this.#last.sessionId) this.restart();
  }

  #next(): Promise<EndDetail> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
