import type { DoctorOptions, Finding } from "./check.js";

/** The contract version that the package's requests declare. */
const CONTRACT_VERSION = 1;

/** The largest clock difference that is reported as fine, in milliseconds. */
const SKEW_MS = 60_000;

/** The outcome of the request for platforms, which several checks share. */
export interface Probe {
  readonly url: URL;
  readonly crossOrigin: boolean;
  /** Absent when the response could not be read. */
  readonly response?: Response;
  readonly body?: unknown;
  /** Why there is no response. */
  readonly error?: string;
  /** True if a response arrived that the page may not read, which means that CORS hides it. */
  readonly opaque?: boolean;
  /** The times of request and response, in Unix milliseconds by this device's clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * Requests the proxy's platforms as the element does. If that cannot be read, finds out whether any server responds.
 */
export async function probePlatforms(options: DoctorOptions, signal: AbortSignal): Promise<Probe | undefined> {
  if (!options.proxyUrl) return undefined;
  const fetch = options.fetch ?? globalThis.fetch;
  const url = absolute(`${options.proxyUrl.replace(/\/+$/, "")}/platforms`);
  const crossOrigin = globalThis.location !== undefined && url.origin !== globalThis.location.origin;
  const sentAt = Date.now();
  try {
    const response = await fetch(url.href, { ...request(options, signal), cache: "no-store" });
    const receivedAt = Date.now();
    const body: unknown = await response.json().catch(() => undefined);
    return { url, crossOrigin, response, body, sentAt, receivedAt };
  } catch (error) {
    const simple: RequestInit = { mode: "no-cors", credentials: "omit", cache: "no-store", signal };
    const opaque =
      crossOrigin &&
      (await fetch(url.href, simple).then(
        () => true,
        () => false,
      ));
    return { url, crossOrigin, error: String(error), opaque, sentAt, receivedAt: Date.now() };
  }
}

/** Checks that the proxy is reachable and responds as the contract specifies. */
export function proxy(probe: Probe | undefined): Finding {
  if (!probe) return { ok: false, found: "proxyUrl is not set", advice: "Pass proxyUrl to doctor and the element." };
  const { response, url, body } = probe;
  const at = shown(url);
  if (!response && probe.opaque) {
    return { ok: true, found: `${at} responds, but this page may not read the response`, advice: "See CORS." };
  }
  if (!response) return { ok: false, found: `No response from ${at}: ${probe.error}`, advice: unreachable(url) };
  const platforms = dataOf(body);
  if (response.ok && Array.isArray(platforms)) {
    const active = platforms.filter((one: unknown) => (one as { isActive?: unknown } | null)?.isActive).length;
    return { ok: true, found: `${at} lists ${active} active platforms of ${platforms.length}`, advice: "" };
  }
  const code = codeOf(body);
  const found = `${at} responds with ${response.status}${code === undefined ? "" : ` (${code})`}`;
  if (code !== undefined) return { ok: false, found, advice: "See the proxy's log for the reason." };
  const advice = "This is not the proxy. Set proxyUrl to where its routes begin: base_path in its configuration.";
  return { ok: false, found: `${found}, which does not match the contract`, advice };
}

/** Checks that this page may read the proxy's responses. */
export function cors(probe: Probe | undefined): Finding {
  if (!probe) return { ok: "unknown", found: "proxyUrl is not set", advice: "" };
  const page = globalThis.location?.origin;
  if (page === undefined) return { ok: "unknown", found: "Not running in a page", advice: "" };
  if (!probe.crossOrigin) {
    return { ok: true, found: "Not needed on the same origin", advice: "" };
  }
  if (probe.response) return { ok: true, found: `The proxy allows ${page} to read its responses`, advice: "" };
  if (!probe.opaque) return { ok: "unknown", found: "Cannot be checked without a response", advice: "" };
  const advice = `Add ${page} to the proxy's allowed_origins, and have any server in front of it allow the headers.`;
  return { ok: false, found: `The proxy responds, but does not allow ${page} to read the response`, advice };
}

/** Checks that the proxy accepts a create from this page. The request names no platform, so no session is created. */
export async function origin(options: DoctorOptions, probe: Probe | undefined, signal: AbortSignal): Promise<Finding> {
  const page = globalThis.location?.origin;
  if (page === undefined || dataOf(probe?.body) === undefined) {
    return { ok: "unknown", found: "Cannot be checked without a response from the proxy", advice: "" };
  }
  const fetch = options.fetch ?? globalThis.fetch;
  const { headers, ...rest } = request(options, signal);
  headers.set("Content-Type", "application/json");
  const url = absolute(`${(options.proxyUrl ?? "").replace(/\/+$/, "")}/sessions`);
  const response = await fetch(url.href, { ...rest, headers, method: "POST", body: "{}" });
  if (response.status !== 403 && response.status !== 401) {
    return { ok: true, found: `The proxy accepts a POST from ${page}`, advice: "" };
  }
  const { error } = ((await response.json().catch(() => undefined)) ?? {}) as { error?: { message?: unknown } };
  const why = typeof error?.message === "string" ? `: ${error.message}` : "";
  const advice = `Add ${page} to the proxy's allowed_origins, or sign the user in, depending on the message.`;
  return { ok: false, found: `A POST from ${page} is refused with ${response.status}${why}`, advice };
}

/** Checks that the element and the proxy implement compatible contract versions. */
export function contract(probe: Probe | undefined): Finding {
  if (!probe?.response) return { ok: "unknown", found: "There is no response to inspect", advice: "" };
  const text = probe.response.headers.get("Cr3d-Contract");
  const readable = dataOf(probe.body) !== undefined || codeOf(probe.body) !== undefined;
  if (text === null && !readable) return { ok: "unknown", found: "The response is not from the proxy", advice: "" };
  const ours = `this package uses version ${CONTRACT_VERSION}`;
  if (text === null && probe.crossOrigin) {
    const advice = "List Cr3d-Contract in Access-Control-Expose-Headers, as cr3dentials-proxy does.";
    return { ok: "unknown", found: `The header is absent or hidden from this page; ${ours}`, advice };
  }
  const theirs = text === null ? 1 : Number(text);
  const found = `The proxy uses version ${text ?? "1, as it names none"}; ${ours}`;
  if (Math.abs(theirs - CONTRACT_VERSION) <= 1 && codeOf(probe.body) !== "contract-version") {
    return { ok: true, found, advice: "" };
  }
  return { ok: false, found, advice: "Update the older of the two: they may be at most one version apart." };
}

/** Checks that the clocks of this device and the server agree. */
export async function clock(options: DoctorOptions, probe: Probe | undefined, signal: AbortSignal): Promise<Finding> {
  const given = options.session && (await serverTime(options, signal));
  const date = Date.parse(probe?.response?.headers.get("Date") ?? "");
  const cached = Number(probe?.response?.headers.get("Age") ?? 0) > 0;
  if (!given && (cached || Number.isNaN(date))) {
    const why = cached ? "comes from a cache" : "is absent, or hidden from this page";
    const found = probe?.response ? `The Date of the proxy's response ${why}` : "There is no response to inspect";
    const advice = options.session ? "" : "Pass a session to doctor: its status contains the server's time.";
    return { ok: "unknown", found, advice };
  }
  // The server read its clock between request and response; a Date header is truncated to whole seconds.
  const middle = (sent: number, received: number) => (sent + received) / 2;
  const skew = given
    ? middle(given.sentAt, given.receivedAt) - given.time
    : middle(probe?.sentAt ?? NaN, probe?.receivedAt ?? NaN) - (date + 500);
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= SKEW_MS) return { ok: true, found: `The clocks are about ${seconds} s apart`, advice: "" };
  const advice = "The element uses the server's time. Correct the device's clock so that a reload resumes the session.";
  return { ok: false, found: `This device is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} the server`, advice };
}

/** Checks that the WebAssembly file can be fetched and has the right media type. */
export async function wasmFile(options: DoctorOptions, signal: AbortSignal): Promise<Finding> {
  const defined = globalThis.customElements?.get("cr3dentials-verify") as { wasmUrl?: string } | undefined;
  const named = options.wasmUrl ?? defined?.wasmUrl;
  const url = named === undefined ? new URL("./cr3dentials_embed_bg.wasm", import.meta.url) : absolute(named);
  if (url.protocol === "data:") {
    return { ok: true, found: "The module is part of the package's script, so no file is fetched", advice: "" };
  }
  const fetch = options.fetch ?? globalThis.fetch;
  let response: Response;
  try {
    response = await fetch(url.href, { signal });
  } catch (error) {
    const advice = "Check connect-src in the page's policy, and CORS if the file is on another origin.";
    return { ok: false, found: `${shown(url)} cannot be fetched: ${String(error)}`, advice };
  }
  void response.body?.cancel().catch(() => undefined);
  const type = response.headers.get("Content-Type") ?? "";
  const found = `${shown(url)} responds with ${response.status} and ${type || "no type"}`;
  if (response.status !== 200) {
    return { ok: false, found, advice: "Serve the package's .wasm file there, or set wasmUrl to where it is." };
  }
  // An exact match: browsers refuse streaming compilation when the type has a parameter.
  if (type.trim().toLowerCase() === "application/wasm") return { ok: true, found, advice: "" };
  const page = /html/i.test(type) ? "This is a page, not the file: set wasmUrl to where it is." : undefined;
  const slow = "This works, but more slowly. Serve .wasm files as application/wasm, without a parameter.";
  return { ok: false, found, advice: page ?? slow };
}

async function serverTime(options: DoctorOptions, signal: AbortSignal) {
  const { sessionId, clientToken } = options.session ?? { sessionId: "", clientToken: "" };
  const fetch = options.fetch ?? globalThis.fetch;
  const { headers, ...rest } = request(options, signal);
  headers.set("Cr3d-Token", clientToken);
  const base = (options.proxyUrl ?? "").replace(/\/+$/, "");
  const url = absolute(`${base}/sessions/${encodeURIComponent(sessionId)}`);
  try {
    const sentAt = Date.now();
    const response = await fetch(url.href, { ...rest, headers });
    const receivedAt = Date.now();
    const data = dataOf(await response.json()) as { serverTime?: unknown } | undefined;
    const time = Date.parse(String(data?.serverTime));
    return Number.isNaN(time) ? undefined : { time, sentAt, receivedAt };
  } catch {
    return undefined;
  }
}

function request({ headers: own, credentials }: DoctorOptions, signal: AbortSignal) {
  const headers = new Headers(own);
  headers.set("Cr3d-Contract", String(CONTRACT_VERSION));
  return { headers, credentials: credentials ?? ("same-origin" as const), signal };
}

function unreachable(url: URL): string {
  if (globalThis.location?.protocol === "https:" && url.protocol === "http:") {
    return "A page served over https cannot reach a proxy over http. Serve the proxy over https too.";
  }
  return `Start the proxy. If it runs, check proxyUrl, and that connect-src in the page's policy has ${url.origin}.`;
}

function absolute(url: string): URL {
  return new URL(url, globalThis.document?.baseURI);
}

/** Returns the URL without its query, which may contain a secret. */
function shown(url: URL): string {
  return url.origin === "null" ? url.protocol : `${url.origin}${url.pathname}`;
}

function dataOf(body: unknown): unknown {
  const { status, data } = (body ?? {}) as { status?: unknown; data?: unknown };
  return status === "success" ? data : undefined;
}

function codeOf(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { error?: { code?: unknown } | null };
  return typeof error?.code === "string" ? error.code : undefined;
}
