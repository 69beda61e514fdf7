import type { DoctorOptions, Finding } from "./doctor.js";

/** What the package's requests say that they speak. */
const CONTRACT_VERSION = 1;

/** How far the two clocks may be apart before it is worth a word. */
const SKEW_MS = 60_000;

/** What became of the question for platforms. */
export interface Answer {
  readonly url: URL;
  readonly crossOrigin: boolean;
  /** Absent when nothing could be read. */
  readonly response?: Response;
  readonly body?: unknown;
  /** Why there is no response. */
  readonly error?: string;
  /** Whether an unreadable answer came: then it is CORS that hides it. */
  readonly opaque?: boolean;
  /** When it was asked and answered (Unix milliseconds, by this device). */
  readonly sentAt: number;
  readonly heardAt: number;
}

/** Asks the proxy for its platforms as the element does; where that cannot be read, whether anybody answers at all. */
export async function ask(options: DoctorOptions, signal: AbortSignal): Promise<Answer | undefined> {
  if (!options.proxyUrl) return undefined;
  const fetch = options.fetch ?? globalThis.fetch;
  const url = absolute(`${options.proxyUrl.replace(/\/+$/, "")}/platforms`);
  const crossOrigin = globalThis.location !== undefined && url.origin !== globalThis.location.origin;
  const sentAt = Date.now();
  try {
    const response = await fetch(url.href, { ...request(options, signal), cache: "no-store" });
    const heardAt = Date.now();
    const body: unknown = await response.json().catch(() => undefined);
    return { url, crossOrigin, response, body, sentAt, heardAt };
  } catch (error) {
    const simple: RequestInit = { mode: "no-cors", credentials: "omit", cache: "no-store", signal };
    const opaque = crossOrigin && (await fetch(url.href, simple).then(() => true, () => false));
    return { url, crossOrigin, error: String(error), opaque, sentAt, heardAt: Date.now() };
  }
}

/** Whether the proxy is there and answers what the contract says. */
export function proxy(answer: Answer | undefined): Finding {
  if (!answer) return { ok: false, found: "There is no proxyUrl", advice: "Give doctor, and the element, a proxyUrl." };
  const { response, url, body } = answer;
  const at = shown(url);
  if (!response && answer.opaque) {
    return { ok: true, found: `Something answers at ${at}, which this page may not read`, advice: "See CORS." };
  }
  if (!response) return { ok: false, found: `Nobody answers at ${at}: ${answer.error}`, advice: unreachable(url) };
  const platforms = dataOf(body);
  if (response.ok && Array.isArray(platforms)) {
    const active = platforms.filter((one: unknown) => (one as { isActive?: unknown } | null)?.isActive).length;
    return { ok: true, found: `${at} answers with ${active} active platforms of ${platforms.length}`, advice: "" };
  }
  const code = codeOf(body);
  const found = `${at} answers ${response.status}${code === undefined ? "" : ` (${code})`}`;
  if (code !== undefined) return { ok: false, found, advice: "The proxy's log says why." };
  const advice = "That is not the proxy. proxyUrl is where its routes begin, which is base_path in its configuration.";
  return { ok: false, found: `${found}, and not what the contract says`, advice };
}

/** Whether this page may read the proxy's answers. */
export function cors(answer: Answer | undefined): Finding {
  if (!answer) return { ok: "unknown", found: "There is no proxyUrl", advice: "" };
  const page = globalThis.location?.origin;
  if (page === undefined) return { ok: "unknown", found: "This is not a page", advice: "" };
  if (!answer.crossOrigin) {
    return { ok: true, found: "Not needed on the same origin", advice: "" };
  }
  if (answer.response) return { ok: true, found: `The proxy lets ${page} read its answers`, advice: "" };
  if (!answer.opaque) return { ok: "unknown", found: "Nobody answers, so it cannot be seen", advice: "" };
  const advice = `Add ${page} to the proxy's allowed_origins, and let what is before it allow the headers.`;
  return { ok: false, found: `The proxy answers, and does not let ${page} read it`, advice };
}

/** Whether the proxy takes a create from this page. The one that is tried has no platform, so that nothing is made. */
export async function origin(options: DoctorOptions, answer: Answer | undefined, signal: AbortSignal): Promise<Finding> {
  const page = globalThis.location?.origin;
  if (page === undefined || dataOf(answer?.body) === undefined) {
    return { ok: "unknown", found: "There is nothing that could be asked", advice: "" };
  }
  const fetch = options.fetch ?? globalThis.fetch;
  const { headers, ...rest } = request(options, signal);
  headers.set("Content-Type", "application/json");
  const url = absolute(`${(options.proxyUrl ?? "").replace(/\/+$/, "")}/sessions`);
  const response = await fetch(url.href, { ...rest, headers, method: "POST", body: "{}" });
  if (response.status !== 403 && response.status !== 401) {
    return { ok: true, found: `The proxy takes a POST from ${page}`, advice: "" };
  }
  const { error } = ((await response.json().catch(() => undefined)) ?? {}) as { error?: { message?: unknown } };
  const why = typeof error?.message === "string" ? `: ${error.message}` : "";
  const advice = `Add ${page} to the proxy's allowed_origins, or sign the user in, whichever it says.`;
  return { ok: false, found: `A POST from ${page} is refused with ${response.status}${why}`, advice };
}

/** Whether element and proxy speak versions of the contract that go together. */
export function contract(answer: Answer | undefined): Finding {
  if (!answer?.response) return { ok: "unknown", found: "There is no answer to look at", advice: "" };
  const text = answer.response.headers.get("Cr3d-Contract");
  const readable = dataOf(answer.body) !== undefined || codeOf(answer.body) !== undefined;
  if (text === null && !readable) return { ok: "unknown", found: "What answers is not the proxy", advice: "" };
  const ours = `this package speaks ${CONTRACT_VERSION}`;
  if (text === null && answer.crossOrigin) {
    const advice = "List Cr3d-Contract in Access-Control-Expose-Headers, as cr3dentials-proxy does.";
    return { ok: "unknown", found: `The header is absent or hidden from this page; ${ours}`, advice };
  }
  const theirs = text === null ? 1 : Number(text);
  const found = `The proxy speaks ${text ?? "1, since it does not say"}; ${ours}`;
  if (Math.abs(theirs - CONTRACT_VERSION) <= 1 && codeOf(answer.body) !== "contract-version") {
    return { ok: true, found, advice: "" };
  }
  return { ok: false, found, advice: "Update the older of the two: they may be one version apart." };
}

/** Whether this device and the server agree on the time. */
export async function clock(options: DoctorOptions, answer: Answer | undefined, signal: AbortSignal): Promise<Finding> {
  const given = options.session && (await serverTime(options, signal));
  const date = Date.parse(answer?.response?.headers.get("Date") ?? "");
  const cached = Number(answer?.response?.headers.get("Age") ?? 0) > 0;
  if (!given && (cached || Number.isNaN(date))) {
    const why = cached ? "comes from a cache" : "is absent, or hidden from this page";
    const found = answer?.response ? `The Date of the proxy's answer ${why}` : "There is no answer to look at";
    const advice = options.session ? "" : "Give doctor a session: its status has the server's time.";
    return { ok: "unknown", found, advice };
  }
  // The server's clock was read somewhere between question and answer; a Date is cut to whole seconds.
  const middle = (sent: number, heard: number) => (sent + heard) / 2;
  const skew = given
    ? middle(given.sentAt, given.heardAt) - given.time
    : middle(answer?.sentAt ?? NaN, answer?.heardAt ?? NaN) - (date + 500);
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= SKEW_MS) return { ok: true, found: `The clocks are about ${seconds} s apart`, advice: "" };
  const advice = "The element goes by the server's time. Set the device's clock, so that a reload finds what it saved.";
  return { ok: false, found: `This device is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} the server`, advice };
}

/** Whether the module's file is there and has the right type. */
export async function wasmFile(options: DoctorOptions, signal: AbortSignal): Promise<Finding> {
  const defined = globalThis.customElements?.get("cr3dentials-verify") as { wasmUrl?: string } | undefined;
  const named = options.wasmUrl ?? defined?.wasmUrl;
  const url = named === undefined ? new URL("./cr3dentials_embed_bg.wasm", import.meta.url) : absolute(named);
  if (url.protocol === "data:") {
    return { ok: true, found: "The module is inside the package's script, so no file is fetched", advice: "" };
  }
  const fetch = options.fetch ?? globalThis.fetch;
  let response: Response;
  try {
    response = await fetch(url.href, { signal });
  } catch (error) {
    const advice = "Look at connect-src in the page's policy, and at CORS where the file is on another origin.";
    return { ok: false, found: `${shown(url)} cannot be fetched: ${String(error)}`, advice };
  }
  void response.body?.cancel().catch(() => undefined);
  const type = response.headers.get("Content-Type") ?? "";
  const found = `${shown(url)} answers ${response.status} with ${type || "no type"}`;
  if (response.status !== 200) {
    return { ok: false, found, advice: "Serve the package's .wasm file there, or set wasmUrl to where it is." };
  }
  // Exactly this: browsers refuse to compile while it arrives when the type carries a parameter.
  if (type.trim().toLowerCase() === "application/wasm") return { ok: true, found, advice: "" };
  const page = /html/i.test(type) ? "That is a page, not the file: set wasmUrl to where it is." : undefined;
  const slow = "It works, but more slowly. Serve .wasm files as application/wasm, without a parameter.";
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
    const heardAt = Date.now();
    const data = dataOf(await response.json()) as { serverTime?: unknown } | undefined;
    const time = Date.parse(String(data?.serverTime));
    return Number.isNaN(time) ? undefined : { time, sentAt, heardAt };
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
    return "A page by https may not ask a proxy by http. Serve the proxy by https too.";
  }
  return `Start the proxy. If it runs, look at proxyUrl and whether connect-src in the page's policy has ${url.origin}.`;
}

function absolute(url: string): URL {
  return new URL(url, globalThis.document?.baseURI);
}

/** Without a query, which may hold a secret. */
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
