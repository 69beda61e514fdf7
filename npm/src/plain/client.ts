import type { MountOptions } from "../cr3dentials_embed.js";
import type { Created } from "../types.js";
import type { FailureKind, Outcome, SessionView } from "./protocol.js";
import { type Choice, readChoices, readCreation, readFrameUrl, readView } from "./responses.js";
import { INVALID_RESPONSE, NO_RESPONSE } from "./rules.js";

const CONTRACT_VERSION = 1;

/** The session of a request and its token. */
export interface SessionAccess {
  readonly sessionId: string;
  readonly clientToken: string;
}

/** The parameters of one request. */
interface Call<T> {
  readonly path: string;
  readonly read: (data: unknown) => T | undefined;
  readonly signal?: AbortSignal;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** True if the request must complete even when the page is closed. */
  readonly keepalive?: boolean;
}

/** Client for the proxy. It never throws or rejects: every error becomes a `Failure` of some kind. */
export class Client {
  readonly #base: string;
  readonly #credentials: RequestCredentials;
  readonly #headers: readonly [name: string, value: string][];

  constructor({ proxyUrl, credentials, headers }: Pick<MountOptions, "proxyUrl" | "credentials" | "headers">) {
    this.#base = proxyUrl.replace(/\/+$/, "");
    this.#credentials = credentials ?? "same-origin";
    this.#headers = headers ?? [];
  }

  create(key: string, platformId: number, signal: AbortSignal): Promise<Outcome<Created>> {
    return this.#send({
      path: "sessions",
      read: readCreation,
      signal,
      body: { platformId },
      headers: { "Idempotency-Key": key },
    });
  }

  status(access: SessionAccess, after: number, fresh: boolean, signal: AbortSignal): Promise<Outcome<SessionView>> {
    const path = `${session(access)}?after=${after}${fresh ? "&fresh=1" : ""}`;
    return this.#send({ path, read: readView, signal, headers: token(access) });
  }

  frameUrl(access: SessionAccess, signal: AbortSignal): Promise<Outcome<{ embedUrl: string }>> {
    return this.#send({
      path: `${session(access)}/frame`,
      read: readFrameUrl,
      signal,
      body: {},
      headers: token(access),
    });
  }

  /** Notifies the proxy that no one watches the session any more. Nothing depends on its arrival. */
  notifyClosed(access: SessionAccess): void {
    const path = `${session(access)}/closed`;
    void this.#send({ path, read: () => undefined, body: {}, headers: token(access), keepalive: true });
  }

  platforms(signal: AbortSignal): Promise<Outcome<Choice[]>> {
    return this.#send({ path: "platforms", read: readChoices, signal });
  }

  async #send<T>({ path, read, signal, body, headers: own, keepalive }: Call<T>): Promise<Outcome<T>> {
    let text: string;
    try {
      const headers = new Headers([...this.#headers]);
      headers.set("Cr3d-Contract", String(CONTRACT_VERSION));
      for (const [name, value] of Object.entries(own ?? {})) headers.set(name, value);
      if (body) headers.set("Content-Type", "application/json");
      const response = await fetch(`${this.#base}/${path}`, {
        method: body ? "POST" : "GET",
        headers,
        credentials: this.#credentials,
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
        ...(keepalive && { keepalive }),
      });
      const kind = failureOf(response);
      if (kind) return { Err: { kind: await withBodyCode(kind, response), retryAfter: retryAfter(response) } };
      // A connection that breaks during the body counts as no response.
      text = await response.text();
    } catch {
      return { Err: NO_RESPONSE };
    }
    const data = read(dataOf(text));
    return data === undefined ? { Err: INVALID_RESPONSE } : { Ok: data };
  }
}

function session({ sessionId }: SessionAccess): string {
  return `sessions/${encodeURIComponent(sessionId)}`;
}

function token({ clientToken }: SessionAccess): Record<string, string> {
  return { "Cr3d-Token": clientToken };
}

function failureOf(response: Response): FailureKind | undefined {
  // Across origins the header may be hidden; then the response is judged by its status.
  const version = response.headers.get("Cr3d-Contract") ?? "";
  if (/^\d{1,9}$/.test(version) && Math.abs(Number(version) - CONTRACT_VERSION) > 1) return "contract-version";
  const { status } = response;
  if (response.ok) return undefined;
  if (status === 401 || status === 403) return "forbidden";
  if (status === 404) return "not-found";
  if (status === 426) return "contract-version";
  if (status === 429) return "rate-limited";
  return status >= 400 && status < 500 ? "refused" : "server";
}

/** Recognizes the two failures that share their status with others and differ only in the body's error code. */
async function withBodyCode(kind: FailureKind, response: Response): Promise<FailureKind> {
  if (kind !== "forbidden" && kind !== "refused") return kind;
  const body = parse(await response.text());
  const code = fieldOf(fieldOf(body, "error"), "code");
  return code === "other-user" || code === "key-spent" ? code : kind;
}

function retryAfter(response: Response): number | null {
  const seconds = response.headers.get("Retry-After")?.trim() ?? "";
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

/** Returns the `data` of the response envelope. */
function dataOf(text: string): unknown {
  return fieldOf(parse(text), "data");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
