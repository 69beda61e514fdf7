// The requests that only plain mode sends by TypeScript. The host's client sends them.
import type { Client, Outcome } from "../client.js";
import type { SessionView } from "../types.js";

/** A session and the token that gives access to it. */
export interface SessionAccess {
  readonly sessionId: string;
  readonly clientToken: string;
}

/** A platform the user can choose. */
export interface Choice {
  readonly id: number;
  readonly displayName: string;
}

/** Number of status requests so far. */
let count = 0;

/** Requests a session's status, without a long poll. */
export function getSession(
  client: Client,
  access: SessionAccess,
  fresh: boolean,
  signal: AbortSignal,
): Promise<Outcome<SessionView>> {
  count += 1;
  // No cache or service worker has a response for a URL that never repeats.
  const query = `?${fresh ? "fresh=1&" : ""}n=${Date.now().toString(36)}-${count}`;
  const read = (data: unknown) => readView(data, access.sessionId);
  const own = ["getSession", { ...access, after: 0, wait: 0, fresh }] as const;
  return client.send({ ...about(access, query), own, read, signal });
}

/** Requests a fresh embed URL. */
export function getFrame(
  client: Client,
  access: SessionAccess,
  isFrameUrl: (url: unknown) => url is string,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const read = (data: unknown) => [Object(data).embedUrl].find(isFrameUrl);
  return client.send({ ...about(access, "/frame"), body: {}, own: ["getFrame", access], read, signal });
}

/** Requests the platforms that the user can choose from: the active ones, without any that cannot be read. */
export function getPlatforms(client: Client, signal: AbortSignal): Promise<Outcome<Choice[]>> {
  const isChoice = (item: unknown) => {
    const { id, displayName, isActive } = Object(item);
    return Number.isInteger(id) && isText(displayName) && isActive === true;
  };
  const read = (data: unknown) => (Array.isArray(data) ? data.filter(isChoice) : undefined);
  return client.send({ path: "platforms", read, signal });
}

/** Returns the view of this session; `undefined` without a status. */
function readView(data: unknown, sessionId: string): SessionView | undefined {
  const view = Object(data);
  return view.sessionId === sessionId && isText(view.status) ? view : undefined;
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function about({ sessionId, clientToken }: SessionAccess, path: string) {
  return { path: `sessions/${encodeURIComponent(sessionId)}${path}`, headers: { "Cr3d-Token": clientToken } };
}
