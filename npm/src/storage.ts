import { isText } from "./is-text.js";
import type { Created, Resume } from "./types.js";

/** Time during which the idempotency key of a create without a response is reused, in milliseconds. */
const KEY_REUSE_MS = 30_000;

/** The keys of creates without a response, also where nothing can be stored: the element may be inserted again. */
const unanswered = new Map<string, Readonly<Record<string, unknown>>>();

/** The data that a reloaded page needs of an element's session, in sessionStorage. If it cannot be stored, nothing fails. */
export class SessionStore {
  /** Distinguishes the sessions of a page; by default by proxy and platform. */
  readonly resumeKey: string;
  readonly #session: string;
  readonly #pendingKey: string;

  constructor(options: { proxyUrl: string; platformId?: number | undefined; resumeKey?: string | undefined }) {
    const platform = options.platformId ?? "";
    this.resumeKey = options.resumeKey ?? `${options.proxyUrl}#${platform}`;
    this.#session = `cr3d:${this.resumeKey}`;
    this.#pendingKey = `cr3d-create:${this.resumeKey}#${platform}`;
  }

  /** Returns the saved session, unless it had expired by `now`, is of another platform, or is unreadable. */
  load(platformId?: number, now = 0): Resume | undefined {
    const saved = resumeOf(read(this.#session));
    if (!saved || Date.parse(`${saved.expiresAt}`) < now) return undefined;
    return platformId === undefined || platformId === (saved.platformId ?? platformId) ? saved : undefined;
  }

  save(session: Created | Resume, platformId: number | undefined): void {
    write(this.#session, resumeOf({ ...session, platformId }));
  }

  forget(): void {
    remove(this.#session);
  }

  /** Returns the idempotency key of a create that was interrupted by a reload, unless it is too old. */
  pendingKey(now = Date.now()): string | undefined {
    const { key, until } = unanswered.get(this.#pendingKey) ?? read(this.#pendingKey);
    const remaining = Number(until) - now;
    // A clock that was set back would keep the key for longer.
    return remaining > 0 && remaining <= KEY_REUSE_MS && isText(key) ? key : undefined;
  }

  /** Saves the idempotency key of a create that is sent now. */
  putPendingKey(key: string, now = Date.now()): void {
    const pending = { key, until: now + KEY_REUSE_MS };
    unanswered.set(this.#pendingKey, pending);
    write(this.#pendingKey, pending);
  }

  /** Removes the idempotency key of a create that has its response. */
  removePendingKey(): void {
    unanswered.delete(this.#pendingKey);
    remove(this.#pendingKey);
  }
}

/** Returns the data that a session is resumed with. The frame's URL is left out: it is used up by then. */
export function resumeOf(session: { readonly [Key in keyof Resume]?: unknown }): Resume | undefined {
  const { sessionId, clientToken, platformId, expiresAt } = session;
  if (!isText(sessionId) || !isText(clientToken)) return undefined;
  return {
    sessionId,
    clientToken,
    ...(typeof platformId === "number" && { platformId }),
    ...(isText(expiresAt) && { expiresAt }),
  };
}

function read(place: string): Readonly<Record<string, unknown>> {
  return Object(attempt((storage) => JSON.parse(storage.getItem(place) ?? "null")));
}

function write(place: string, value: unknown): void {
  attempt((storage) => storage.setItem(place, JSON.stringify(value)));
}

function remove(place: string): void {
  attempt((storage) => storage.removeItem(place));
}

/** Uses the storage. Reading the property throws in a page that may not store anything, and writing if it is full. */
function attempt<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(globalThis.sessionStorage);
  } catch {
    return undefined;
  }
}
