import { isText } from "./is-text.js";
import { headerList } from "./options.js";
import type { Created, Failure, FailureKind, VerifyOptions } from "./types.js";
import { parseUrl } from "./url.js";

export type { Failure, FailureKind };

const CONTRACT_VERSION = 1;

/** The options that requests depend on. They are read for each request. */
export type ClientOptions = {
  readonly [Option in
    | "proxyUrl"
    | "credentials"
    | "headers"
    | "createSession"
    | "getSession"
    | "getFrame"]?: VerifyOptions[Option];
};

/** The result of a request. */
export type Outcome<T> = { readonly Ok: T } | { readonly Err: Failure };

/** One request to the proxy. */
export interface Call<T> {
  /** Below the proxy's URL. */
  readonly path: string;
  /** Makes the request a POST. */
  readonly body?: object;
  /** The contract's headers. They override the page's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The option with which a page can send this request by its own client, and its argument without the signal. */
  readonly own?: readonly [option: "createSession" | "getSession" | "getFrame", argument: object];
  /** Returns the result, or `undefined` if the data cannot be decoded. */
  readonly read: (data: unknown) => T | undefined;
  readonly signal?: AbortSignal;
  /** True if the request must complete even when the page is closed. */
  readonly keepalive?: boolean;
}

/** A create: a repetition has the same key. */
interface Create {
  readonly platformId: number;
  readonly key: string;
  readonly signal: AbortSignal;
}

/** The parts of a response that decide what it means. */
interface Reply {
  /** 0 without a complete response. */
  readonly status: number;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly body?: unknown;
  readonly redirected?: boolean;
  readonly version?: string | null | undefined;
  /** In seconds. */
  readonly retryAfter?: unknown;
}

/** Client of the proxy, for the host and for plain mode. Its requests never reject: every error is a `Failure`. */
export class Client {
  readonly #options: () => ClientOptions;

  /** `options` returns the current options. */
  constructor(options: () => ClientOptions) {
    this.#options = options;
  }

  /** Creates a session. A create that is repeated with the same idempotency key creates no second session. */
  createSession({ platformId, key, signal }: Create): Promise<Outcome<Created>> {
    return this.send({
      path: "sessions",
      body: { platformId },
      headers: { "Idempotency-Key": key },
      own: ["createSession", { platformId, idempotencyKey: key }],
      read: readCreated,
      signal,
    });
  }

  /** Notifies the proxy that no one watches a session any more. Nothing depends on its arrival. */
  notifyClosed({ sessionId, clientToken }: { readonly sessionId: string; readonly clientToken: string }): void {
    void this.send({
      path: `sessions/${encodeURIComponent(sessionId)}/closed`,
      body: {},
      headers: { "Cr3d-Token": clientToken },
      read: () => undefined,
      keepalive: true,
    });
  }

  async send<T>(call: Call<T>): Promise<Outcome<T>> {
    const [option, argument] = call.own ?? [];
    try {
      const own = option && (this.#options()[option] as OwnClient | undefined);
      const reply = own ? ownReply(() => own({ ...argument, signal: call.signal })) : this.#fetch(call);
      return outcomeOf(await reply, call.read);
    } catch {
      return outcomeOf({ status: 0 }, call.read);
    }
  }

  /** Sends a request by `fetch`. A 401 counts only after the headers were read again: a token may just have expired. */
  async #fetch(call: Call<unknown>): Promise<Reply> {
    const list = await this.headers();
    let response = await this.#fetchOnce(call, list);
    if (response.status === 401) {
      const current = await this.headers();
      const retry = typeof this.#options().headers === "function" || `${current}` !== `${list}`;
      if (retry) response = await this.#fetchOnce(call, current);
    }
    const { status, redirected, headers } = response;
    const reply = { status, redirected, version: headers.get("Cr3d-Contract"), retryAfter: headers.get("Retry-After") };
    try {
      return { ...reply, body: parse(await response.text()) };
    } catch {
      // The connection broke in the middle of the body.
      return { ...reply, status: 0 };
    }
  }

  /** Passes strings and plain objects only, since pages replace `fetch` by functions that expect them. */
  #fetchOnce({ path, body, headers, signal, keepalive }: Call<unknown>, own: HeaderList): Promise<Response> {
    const { proxyUrl, credentials } = this.#options();
    if (proxyUrl === undefined) throw new Error("no proxy-url");
    const contract: Record<string, string> = {
      "Cr3d-Contract": `${CONTRACT_VERSION}`,
      ...headers,
      ...(body && { "Content-Type": "application/json" }),
    };
    const reserved = Object.keys(contract).map((name) => name.toLowerCase());
    return fetch(`${String(proxyUrl).replace(/\/+$/, "")}/${path}`, {
      method: body ? "POST" : "GET",
      headers: { ...Object.fromEntries(own.filter(([name]) => !reserved.includes(name.toLowerCase()))), ...contract },
      credentials: credentials ?? "same-origin",
      cache: "no-store",
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      ...(keepalive && { keepalive }),
    });
  }

  /** Returns the page's headers, as they are now. */
  async headers(): Promise<HeaderList> {
    const { headers } = this.#options();
    return headerList(typeof headers === "function" ? await headers() : headers);
  }
}

type HeaderList = ReturnType<typeof headerList>;

type OwnClient = (request: object) => unknown;

/** Returns the result of the page's own client in the form of a response with the contract's envelope. */
async function ownReply(request: () => unknown): Promise<Reply> {
  try {
    // Nothing at all is no session either, and not something in between.
    return { status: 200, body: { data: (await request()) ?? {} } };
  } catch (error) {
    const { status, code, retryAfter } = Object(error);
    return { status: Number(status) || 0, body: { error: { code: `${code}` } }, retryAfter };
  }
}

function outcomeOf<T>(reply: Reply, read: Call<T>["read"]): Outcome<T> {
  const kind = failureOf(reply);
  const result = kind ? undefined : read(Object(reply.body).data);
  if (result !== undefined) return { Ok: result };
  const retryAfter = /^\d{1,9}$/.test(`${reply.retryAfter}`) ? Number(reply.retryAfter) * 1000 : null;
  return { Err: { kind: kind ?? "bad-response", retryAfter } };
}

/**
 * Classifies a response; `undefined` for a success. `tests/fixtures/responses.json` tests this and the same rule in
 * `src/browser/response.rs`.
 */
function failureOf({ status, body, redirected, version }: Reply): FailureKind | undefined {
  // Across origins the header may be hidden; the response is then judged without it.
  const distance = Math.abs(Number.parseInt(`${version}`, 10) - CONTRACT_VERSION);
  if (distance > 1) return "contract-version";
  if (status === 0) return "network";
  const { data, error } = Object(body);
  const code: unknown = Object(error).code;
  if ((data ?? undefined) === undefined && typeof code !== "string") {
    if (status === 426 && distance <= 1) return "contract-version";
    // The page's own sign-in has ended. Anything else comes from something between the page and the proxy.
    return status === 401 || (redirected && body === undefined) ? "forbidden" : "intermediary";
  }
  return status >= 200 && status <= 299 ? undefined : kindOf(status, code);
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  "403 other-user": "other-user",
  "409 key-spent": "key-spent",
  401: "forbidden",
  403: "forbidden",
  404: "not-found",
  426: "contract-version",
  429: "rate-limited",
};

function kindOf(status: number, code: unknown): FailureKind {
  return KINDS[`${status} ${code}`] ?? KINDS[status] ?? (status >= 400 && status < 500 ? "refused" : "server");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads a created session from a response's data; `undefined` unless it has everything the frame needs. */
export function readCreated(data: unknown): Created | undefined {
  const created = Object(data) as Created;
  return isText(created.sessionId) && isText(created.clientToken) && isFrameUrl(created.embedUrl) ? created : undefined;
}

/** Accepts HTTPS, and HTTP on loopback. Other schemes, such as `javascript:`, would run with the page's own origin. */
export function isFrameUrl(url: unknown): url is string {
  const { protocol, hostname } = parseUrl(url) ?? {};
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(`${hostname}`);
  return isText(url) && (protocol === "https:" || (protocol === "http:" && isLoopback));
}
