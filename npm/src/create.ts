import type { Created } from "./types.js";

const CONTRACT_VERSION = "1";

/** What a create is made of. */
export interface CreateCall {
  /** Without a slash at its end. */
  readonly proxyUrl: string;
  readonly platformId: number;
  /** Makes repeating it safe. */
  readonly key: string;
  readonly credentials: RequestCredentials | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  /** Called when the key is of no more use: the next try needs another one. */
  readonly onSpent?: () => void;
}

/**
 * Asks the proxy for a session.
 *
 * Resolves to nothing on any failure: the view then asks once more with the same key, and it knows how to explain,
 * wait and try again. The one thing worth doing here is to be early.
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
    // Another body was sent with this key, or no one knows what became of it.
    if (response.status === 409) call.onSpent?.();
    return response.ok ? readCreated(await response.json()) : undefined;
  } catch {
    return undefined;
  }
}

/** The session in a proxy's answer, when it has what a frame needs. */
export function readCreated(answer: unknown): Created | undefined {
  const data = typeof answer === "object" && answer !== null && "data" in answer ? answer.data : undefined;
  if (typeof data !== "object" || data === null) return undefined;
  const created = data as Created;
  const complete = [created.sessionId, created.clientToken].every((text) => typeof text === "string" && text !== "");
  return complete && isFrameUrl(created.embedUrl) ? created : undefined;
}

/** HTTPS, or HTTP on this very machine: any other scheme, such as `javascript:`, would run as the page itself. */
function isFrameUrl(url: unknown): boolean {
  if (typeof url !== "string") return false;
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname));
  } catch {
    return false;
  }
}
