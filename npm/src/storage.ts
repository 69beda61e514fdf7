import type { Created, Resume } from "./types.js";

/** Returns the storage key to use if the page names none: one for each proxy and platform. */
export function defaultResumeKey(proxyUrl: string, platformId: number | undefined): string {
  return `${proxyUrl}#${platformId ?? ""}`;
}

/**
 * Returns the session saved under `key`, unless it has expired, is of another platform, or is unreadable. Never throws.
 */
export function loadResume(key: string, platformId: number | undefined, now = Date.now()): Resume | undefined {
  const saved = read(key);
  if (!saved) return undefined;
  if (platformId !== undefined && saved.platformId !== undefined && saved.platformId !== platformId) return undefined;
  const end = saved.expiresAt === undefined ? NaN : Date.parse(saved.expiresAt);
  return end < now ? undefined : saved;
}

/**
 * Returns the data a reloaded page needs to resume a new session. The frame's URL is left out: it is used up by then.
 */
export function resumeOf(created: Created, platformId: number | undefined): Resume {
  return {
    sessionId: created.sessionId,
    clientToken: created.clientToken,
    ...(platformId !== undefined && { platformId }),
    ...(isText(created.expiresAt) && { expiresAt: created.expiresAt }),
  };
}

/** Saves a session. If storage is forbidden or full, a reload starts a new session and nothing else fails. */
export function saveResume(key: string, resume: Resume): void {
  try {
    storage()?.setItem(place(key), JSON.stringify(resume));
  } catch {
    // Explained above.
  }
}

/** Deletes a saved session. */
export function forgetResume(key: string): void {
  try {
    storage()?.removeItem(place(key));
  } catch {
    // Explained above.
  }
}

function read(key: string): Resume | undefined {
  try {
    const value: unknown = JSON.parse(storage()?.getItem(place(key)) ?? "null");
    if (typeof value !== "object" || value === null) return undefined;
    const { sessionId, clientToken, platformId, expiresAt } = value as Record<string, unknown>;
    if (!isText(sessionId) || !isText(clientToken)) return undefined;
    return {
      sessionId,
      clientToken,
      ...(typeof platformId === "number" && { platformId }),
      ...(isText(expiresAt) && { expiresAt }),
    };
  } catch {
    return undefined;
  }
}

function place(key: string): string {
  return `cr3d:${key}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Returns the storage. Reading the property throws in a page that may not store anything. */
function storage(): Storage | undefined {
  return globalThis.sessionStorage;
}
