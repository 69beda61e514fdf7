import type { Client } from "./client.js";
import { within } from "./sleep.js";
import { resumeOf, type SessionStore } from "./storage.js";
import type { Created, Resume, Start, VerifyOptions } from "./types.js";

/** Time after which a view takes over a pending create, in milliseconds. The view can show more than one sentence. */
const HAND_OVER_MS = 8_000;

/** The idempotency keys of the elements that are in the page. Two that start at the same time need a session each. */
const keysInUse = new Set<string>();

/**
 * The start of a session, before there is a view: resumes the session of an earlier page, or creates one if the user has
 * nothing to decide.
 */
export class SessionStart {
  /** The session, once it is known. It has its embed URL if it was created here and its frame is alive. */
  session: Created | Resume | undefined;
  /** The session's idempotency key, while the outcome of its create is unknown. */
  key: string | undefined;
  readonly #options: VerifyOptions;
  readonly #store: SessionStore;
  readonly #client: Client;
  /**
   * The start without a session, with the failure of its create. The delay that the server requested counts anew from
   * the hand-over, which is later than needed and never too early.
   */
  #new: Start = { kind: "new" };

  constructor(options: VerifyOptions, store: SessionStore, client: Client) {
    this.#options = options;
    this.#store = store;
    this.#client = client;
  }

  /** Finds or creates the session. Resolves to the created session, if it was created here. */
  async run(signal: AbortSignal): Promise<Created | undefined> {
    const { platformId, sessionId, clientToken, startScreen } = this.#options;
    this.session = resumeOf({ sessionId, clientToken }) ?? this.#store.load(platformId, Date.now());
    if (this.session || platformId === undefined || startScreen) return undefined;
    return this.#create(platformId, signal);
  }

  /** The start that a view continues with. */
  get start(): Start {
    const { session } = this;
    if (session) return "embedUrl" in session ? { kind: "given", created: session } : { kind: "resume", ...session };
    return this.#new;
  }

  /** The browser has loaded the frame again with its used URL. Returns true if there was a frame. */
  frameLost(): boolean {
    const { session } = this;
    if (!session || !("embedUrl" in session)) return false;
    this.session = resumeOf({ ...session, platformId: this.#options.platformId });
    return true;
  }

  /** Notifies the proxy that this page no longer watches the session, and forgets it. */
  close(): void {
    // A view that has failed may have begun another session.
    const session = this.#store.load() ?? this.session;
    this.#store.forget();
    if (session) this.#client.notifyClosed(session);
  }

  /** The element is destroyed: the next one may repeat its create. */
  stop(): void {
    if (this.key !== undefined) keysInUse.delete(this.key);
  }

  async #create(platformId: number, signal: AbortSignal): Promise<Created | undefined> {
    const store = this.#store;
    // A reload, or a route that is left and entered again, repeats the create that it interrupted.
    const interrupted = store.pendingKey();
    const key = interrupted && !keysInUse.has(interrupted) ? interrupted : randomKey();
    this.key = key;
    keysInUse.add(key);
    store.putPendingKey(key);
    const create = this.#client.createSession({ platformId, key, signal });
    const outcome = await within(create, HAND_OVER_MS, signal).catch(() => undefined);
    if (!outcome || signal.aborted) return undefined;
    if ("Err" in outcome) {
      this.#new = { kind: "new", failure: outcome.Err };
      return undefined;
    }
    const created = outcome.Ok;
    store.removePendingKey();
    this.stop();
    this.key = undefined;
    store.save(created, platformId);
    this.session = created;
    return created;
  }
}

/** Returns 128 random bits as text. */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
