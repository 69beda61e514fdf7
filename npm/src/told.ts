import type { DetailByName, EventName } from "./types.js";

/** What the page was told of the session, so that a view that takes over from another says nothing twice. */
export class Told {
  #sessionId: string | undefined;
  #ready = false;
  #status = "";
  #progress = 0;
  /** Whether the session has ended. */
  over = false;

  /** Whether the page does not know this yet. */
  isNew<Name extends EventName>(name: Name, detail: DetailByName[Name]): boolean {
    if (detail.sessionId !== undefined && detail.sessionId !== this.#sessionId) {
      [this.#sessionId, this.#ready, this.#status, this.#progress, this.over] = [detail.sessionId, false, "", 0, false];
    }
    if (this.over && detail.sessionId !== undefined) return false;
    switch (name) {
      case "ready":
        return !this.#ready && (this.#ready = true);
      case "status": {
        const { status } = detail as DetailByName["status"];
        return status !== this.#status && ((this.#status = status), true);
      }
      case "progress": {
        const { progress } = detail as DetailByName["progress"];
        return progress > this.#progress && ((this.#progress = progress), true);
      }
      case "end":
        this.over = true;
        return true;
      default:
        return true;
    }
  }
}
