import type { Created } from "./types.js";

const CONTRACT_VERSION = "1";

/** The parameters of a request that creates a session. */
export interface CreateCall {
  /** Without a trailing slash. */
  readonly proxyUrl: string;
  readonly platformId: number;
  /** The idempotency key: a request that is repeated with it creates no second session. */
  readonly key: string;
  readonly credentials: RequestCredentials | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  /** Called when the key is spent and the next attempt needs a new one. */
  readonly onKeySpent?: () => void;
}

/**
 * Requests a new session from the proxy.
 *
 * Resolves to `undefined` on any failure: the view then repeats the request with the same key, and can explain the
 * failure, wait and retry. This function exists only to send the first request early.
 */
export async function createSession(call: CreateCall): Promise<Created | undefined> {
  try {
    const headers = new Headers(call.headers);
    headers.set("Content-Type", "application/json");
    headers.set("Cr3d-Contract", CONTRACT_VERSION);
    headers.set("Idempotency-Key", call.key);
    const response = await fetch(`${call.proxyUrl}/sessions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ platformId: call.platformId }),
      credentials: call.credentials ?? "same-origin",
      signal: call.signal,
    });
    // The key was used with another body, or the outcome of its request is unknown.
    if (response.status === 409) call.onKeySpent?.();
    return response.ok ? readCreated(await response.json()) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the session from a proxy's response body; `undefined` unless it has everything the frame needs. */
export function readCreated(body: unknown): Created | undefined {
  const data = typeof body === "object" && body !== null && "data" in body ? body.data : undefined;
  if (typeof data !== "object" || data === null) return undefined;
  const created = data as Created;
  const complete = [created.sessionId, created.clientToken].every((text) => typeof text === "string" && text !== "");
  return complete && isFrameUrl(created.embedUrl) ? created : undefined;
}

/** Accepts HTTPS, and HTTP on loopback. Other schemes, such as `javascript:`, would run with the page's own origin. */
function isFrameUrl(url: unknown): boolean {
  if (typeof url !== "string") return false;
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname));
  } catch {
    return false;
  }
}
