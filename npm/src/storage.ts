import type { Created, Resume } from "./types.js";

/** The key to use when the page names none: one place for each proxy and platform. */
export function defaultResumeKey(proxyUrl: string, platformId: number | undefined): string {
  return `${proxyUrl}#${platformId ?? ""}`;
}

/** What was saved under `key`, unless it is over, of another platform, or unreadable. Never throws. */
export function loadResume(key: string, platformId: number | undefined, now = Date.now()): Resume | undefined {
  const saved = read(key);
  if (!saved) return undefined;
  if (platformId !== undefined && saved.platformId !== undefined && saved.platformId !== platformId) return undefined;
  const end = saved.expiresAt === undefined ? NaN : Date.parse(saved.expiresAt);
  return end < now ? undefined : saved;
}

/** What a reloaded page needs of a new session: never the frame's URL, which is used up by then. */
export function resumeOf(created: Created, platformId: number | undefined): Resume {
  return {
    sessionId: created.sessionId,
    clientToken: created.clientToken,
    ...(platformId !== undefined && { platformId }),
    ...(isText(created.expiresAt) && { expiresAt: created.expiresAt }),
  };
}

/** Saves it. Where storage is forbidden or full a reload starts anew, and nothing else fails. */
export function saveResume(key: string, resume: Resume): void {
  try {
    storage()?.setItem(place(key), JSON.stringify(resume));
  } catch {
    // Explained above.
  }
}

/** Forgets it. */
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

/** Reading the property itself throws where a page is not allowed to store anything. */
function storage(): Storage | undefined {
  return globalThis.sessionStorage;
}
