import assert from "node:assert/strict";
import { after, afterEach, beforeEach, mock, test } from "node:test";
import { Client } from "../src/client.js";
import { type Check, type DoctorOptions, doctor, report } from "../src/doctor.js";
import { openPage } from "./dom.js";
import { forbidGlobal, setGlobal } from "./support.js";

const PROXY = "https://partner.example/api/verification";
const PLATFORMS = {
  status: "success",
  data: [
    { id: 1, isActive: true },
    { id: 2, isActive: false },
  ],
};
const document = openPage();
const realWebAssembly = globalThis.WebAssembly;

beforeEach(() => {
  setGlobal("sessionStorage", { setItem: () => undefined, removeItem: () => undefined });
  setGlobal("location", { origin: "https://partner.example", protocol: "https:" });
  setGlobal("isSecureContext", true);
});
afterEach(() => setGlobal("WebAssembly", realWebAssembly));
after(() => assert.equal(document.querySelector("iframe"), null, "no frame is left behind"));

interface Request extends RequestInit {
  url: string;
  headers: Headers;
}

/** A `fetch` that serves `.wasm` files correctly, and everything else with `respond`. */
function network(respond: (request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const wasm = { headers: { "Content-Type": "application/wasm" } };
  const fetch = async (url: string, init: RequestInit = {}) => {
    const request = { ...init, url, headers: new Headers(init.headers) };
    requests.push(request);
    return url.endsWith(".wasm") ? new Response("", wasm) : respond(request);
  };
  return { requests, fetch: fetch as typeof globalThis.fetch };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { Date: new Date().toUTCString(), "Cr3d-Contract": "1", ...headers } });
}

async function examine(options: DoctorOptions, respond: (request: Request) => Response | Promise<Response>) {
  const { fetch, requests } = network(respond);
  const checks = await doctor({ proxyUrl: PROXY, fetch, ...options });
  return { checks, requests, check: (name: string) => named(checks, name) };
}

function named(checks: Check[], name: string): Check {
  const check = checks.find((one) => one.name === name);
  assert.ok(check, name);
  return check;
}

const refused = () => {
  throw new TypeError("Failed to fetch");
};

test("a setup without problems needs no advice", async () => {
  const { checks, requests, check } = await examine({}, (request) => json(PLATFORMS, request.method ? 400 : 200));
  const network = [
    "wasm file",
    "proxy",
    "CORS",
    "origin",
    "contract",
    "clock",
    "WebAssembly",
    "session storage",
    "secure context",
  ];
  for (const name of network) assert.deepEqual([name, check(name).ok, check(name).advice], [name, true, ""]);
  assert.match(check("proxy").found, /1 active platforms of 2/);
  assert.equal(check("framing").ok, "unknown", "frameOrigin is not set");
  assert.equal(document.querySelector("iframe"), null);
  assert.equal(new Set(checks.map((one) => one.name)).size, checks.length, "names are unique");
  const urls = requests.filter((request) => !request.url.endsWith(".wasm")).map((request) => request.url);
  assert.deepEqual(urls, [`${PROXY}/platforms`, `${PROXY}/sessions`], "each is requested once");
  const create = requests.find((request) => request.method === "POST");
  assert.equal(create?.body, "{}", "which creates no session");
  assert.equal(create?.headers.get("Idempotency-Key"), null);
});

test("the proxy is requested in the same way as by the element", async () => {
  const options = { credentials: "include", headers: { "X-Partner": "1" }, proxyUrl: `${PROXY}/` } as const;
  const { requests } = await examine(options, () => json(PLATFORMS));
  const request = requests.find((one) => one.url === `${PROXY}/platforms`);
  assert.equal(request?.credentials, "include");
  assert.equal(request?.headers.get("X-Partner"), "1");

  let sent: RequestInit | undefined;
  const before = globalThis.fetch;
  setGlobal("fetch", async (_: string, init: RequestInit) => {
    sent = init;
    return json({}, 500);
  });
  const { signal } = new AbortController();
  await new Client(() => ({ proxyUrl: PROXY })).createSession({ platformId: 1, key: "k", signal });
  setGlobal("fetch", before);
  assert.equal(request?.headers.get("Cr3d-Contract"), new Headers(sent?.headers).get("Cr3d-Contract"));
});

const BROKEN: [what: string, respond: () => Response, name: string, found: RegExp, advice: RegExp][] = [
  ["a missing proxy", refused, "proxy", /No response from/, /Start the proxy/],
  ["another server", () => new Response("<!doctype html>"), "proxy", /200, which does not match/, /base_path/],
  ["an unknown path", () => json({}, 404), "proxy", /404, which does not match/, /base_path/],
  [
    "a refusal",
    () => json({ status: "error", error: { code: "rate-limited", message: "m" } }, 429),
    "proxy",
    /429 \(rate-limited\)/,
    /log/,
  ],
  ["an incompatible version", () => json(PLATFORMS, 200, { "Cr3d-Contract": "3" }), "contract", /version 3/, /Update/],
  ["an invalid version", () => json(PLATFORMS, 200, { "Cr3d-Contract": "x" }), "contract", /version x/, /Update/],
  [
    "a refused version",
    () => json({ status: "error", error: { code: "contract-version", message: "m" } }, 426, { "Cr3d-Contract": "2" }),
    "contract",
    /version 2/,
    /Update/,
  ],
  ["a fast clock", () => json(PLATFORMS, 200, { Date: ago(3_600_000) }), "clock", /ahead of the server/, /clock/],
  ["a slow clock", () => json(PLATFORMS, 200, { Date: ago(-3_600_000) }), "clock", /3(599|600|601) s behind/, /clock/],
];

for (const [what, respond, name, found, advice] of BROKEN) {
  test(`${what} is reported with advice`, async () => {
    const check = (await examine({}, respond)).check(name);
    assert.equal(check.ok, false);
    assert.match(check.found, found);
    assert.match(check.advice, advice);
  });
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toUTCString();
}

test("a CORS failure is distinguished from a missing proxy", async () => {
  const proxyUrl = "https://api.example/verification";
  const hidden = await examine({ proxyUrl }, (request) => (request.mode === "no-cors" ? new Response() : refused()));
  assert.equal(hidden.check("CORS").ok, false);
  assert.match(hidden.check("CORS").advice, /https:\/\/partner\.example to the proxy's allowed_origins/);
  assert.equal(hidden.check("proxy").ok, true);
  assert.equal(hidden.check("contract").ok, "unknown");
  const simple = hidden.requests.find((request) => request.mode === "no-cors");
  assert.deepEqual([...(simple?.headers ?? [])], [], "a simple request, sent without a preflight");

  const missing = await examine({ proxyUrl }, refused);
  assert.equal(missing.check("CORS").ok, "unknown");
  assert.equal(missing.check("proxy").ok, false);

  const open = await examine({ proxyUrl }, () => Response.json(PLATFORMS));
  assert.equal(open.check("CORS").ok, true);
  assert.equal(open.check("contract").ok, "unknown", "the header may be hidden across origins");
  assert.equal(open.check("clock").ok, "unknown");
  assert.match(open.check("clock").advice, /session/);
});

test("a page whose origin the proxy refuses is reported with the proxy's message", async () => {
  const message = "the origin https://partner.example is not in allowed_origins";
  const no = json({ status: "error", error: { code: "forbidden", message } }, 403);
  const { check } = await examine({}, (request) => (request.method === "POST" ? no : json(PLATFORMS)));
  assert.equal(check("origin").ok, false);
  assert.match(
    check("origin").found,
    /refused with 403: the origin https:\/\/partner\.example is not in allowed_origins/,
  );
  assert.match(check("origin").advice, /Add https:\/\/partner\.example to the proxy's allowed_origins/);
  const { check: missing } = await examine({}, refused);
  assert.equal(missing("origin").ok, "unknown");
});

test("on the same origin a missing version counts as 1", async () => {
  const silent = await examine({}, () => Response.json(PLATFORMS));
  assert.equal(silent.check("contract").ok, true);
  const other = await examine({}, () => new Response("<!doctype html>"));
  assert.equal(other.check("contract").ok, "unknown");
});

test("a page over https cannot reach a proxy over http", async () => {
  const { check } = await examine({ proxyUrl: "http://api.example" }, refused);
  assert.match(check("proxy").advice, /Serve the proxy over https/);
});

test("a session provides the server's time, and a cached Date is ignored", async () => {
  const session = { sessionId: "a/b", clientToken: "v1.secret" };
  const status = { status: "success", data: { serverTime: new Date(Date.now() + 600_000).toISOString() } };
  const { check, requests, checks } = await examine({ session }, (request) =>
    json(request.url.includes("/sessions/") ? status : PLATFORMS),
  );
  assert.match(check("clock").found, /(599|600|601) s behind the server/);
  const poll = requests.find((request) => request.url === `${PROXY}/sessions/a%2Fb`);
  assert.equal(poll?.headers.get("Cr3d-Token"), "v1.secret");
  assert.doesNotMatch(report(checks), /secret/);

  const cached = await examine({}, () => json(PLATFORMS, 200, { Age: "9000", Date: ago(9_000_000) }));
  assert.equal(cached.check("clock").ok, "unknown");
});

test("the module's file must exist and have exactly its media type", async () => {
  const cases: [status: number, type: string, ok: boolean, advice: RegExp][] = [
    [200, "application/wasm", true, /^$/],
    [200, "Application/WASM", true, /^$/],
    [200, "application/wasm; charset=utf-8", false, /without a parameter/],
    [200, "text/html", false, /a page, not the file/],
    [404, "application/wasm", false, /wasmUrl/],
  ];
  for (const [status, type, ok, advice] of cases) {
    const fetch = async (url: string) =>
      url.startsWith("https://cdn.example/x")
        ? new Response("", { status, headers: { "Content-Type": type } })
        : json(PLATFORMS);
    const wasmUrl = "https://cdn.example/x?signature=secret";
    const checks = await doctor({ proxyUrl: PROXY, wasmUrl, fetch: fetch as typeof globalThis.fetch });
    assert.equal(named(checks, "wasm file").ok, ok, `${status} ${type}`);
    assert.match(named(checks, "wasm file").advice, advice);
    assert.doesNotMatch(report(checks), /secret/);
  }
});

test("a policy against WebAssembly is distinguished from a browser without it", async () => {
  class Module {
    constructor() {
      throw new EvalError("blocked by CSP");
    }
  }
  setGlobal("WebAssembly", { Module });
  assert.match((await examine({}, refused)).check("WebAssembly").advice, /'wasm-unsafe-eval'/);
  setGlobal("WebAssembly", undefined);
  assert.match((await examine({}, refused)).check("WebAssembly").found, /has no WebAssembly/);
});

test("forbidden storage and an insecure context are reported", async () => {
  forbidGlobal("sessionStorage");
  setGlobal("isSecureContext", false);
  const { check } = await examine({}, () => json(PLATFORMS));
  assert.equal(check("session storage").ok, false);
  assert.equal(check("secure context").ok, false);
});

type Violation = Record<"effectiveDirective" | "disposition" | "blockedURI", string>;

/** Examines framing and simulates the browser for the test frame. */
async function framed(frameOrigin: string, violation?: Violation) {
  const seen: string[] = [];
  const observer = new MutationObserver(() => {
    const frame = document.querySelector("iframe");
    if (!frame) return;
    seen.push(frame.src, String(frame.getAttribute("sandbox")), String(frame.hidden));
    frame.dispatchEvent(new Event("load"));
    if (violation) document.dispatchEvent(Object.assign(new Event("securitypolicyviolation"), violation));
  });
  observer.observe(document.body, { childList: true });
  const { check } = await examine({ frameOrigin }, () => json(PLATFORMS));
  observer.disconnect();
  assert.equal(document.querySelector("iframe"), null);
  return { seen, check: check("framing") };
}

test("the test frame has only the origin's URL, is hidden, and runs no scripts", async () => {
  const { seen, check } = await framed("https://frame.example/verify/1?token=t");
  assert.deepEqual(seen, ["https://frame.example/", "", "true"]);
  assert.equal(check.ok, true);
});

test("a policy that refuses the frame is reported, and unrelated violations are not", async () => {
  const violation = { effectiveDirective: "frame-src", disposition: "enforce", blockedURI: "https://frame.example/" };
  const refusal = await framed("https://frame.example", violation);
  assert.equal(refusal.check.ok, false);
  assert.match(refusal.check.advice, /Add https:\/\/frame\.example to frame-src/);
  const reported = await framed("https://frame.example", { ...violation, disposition: "report" });
  assert.equal(reported.check.ok, true);
  assert.match(reported.check.advice, /frame-src/);
  for (const other of [{ effectiveDirective: "img-src" }, { blockedURI: "https://frame.example.evil/" }]) {
    assert.equal((await framed("https://frame.example", { ...violation, ...other })).check.ok, true);
  }
});

test("a request without a response times out and is aborted", async () => {
  const signals: (AbortSignal | null | undefined)[] = [];
  const fetch = (_: string, init: RequestInit) => {
    signals.push(init.signal);
    return new Promise<Response>(() => undefined);
  };
  const started = Date.now();
  const checks = await doctor({ proxyUrl: PROXY, timeoutMs: 50, fetch: fetch as typeof globalThis.fetch });
  assert.ok(Date.now() - started < 2_000);
  for (const name of ["wasm file", "proxy", "CORS", "contract", "clock"]) {
    assert.match(named(checks, name).found, /No result within 0.05 s/);
  }
  assert.ok(signals.length > 0 && signals.every((signal) => signal?.aborted));
});

test("the doctor never throws", async () => {
  const explode = () => {
    throw new Error("no fetch here");
  };
  const odd: unknown[] = [
    undefined,
    null,
    { proxyUrl: "" },
    { proxyUrl: "http://", frameOrigin: "nonsense", wasmUrl: "http://" },
    { frameOrigin: "data:text/html,x" },
    { proxyUrl: PROXY, fetch: explode },
    { proxyUrl: PROXY, fetch: async () => undefined },
    { proxyUrl: PROXY, fetch: async () => json(null) },
    { proxyUrl: PROXY, fetch: async () => json({ status: "success", data: [null, 7] }) },
    { proxyUrl: PROXY, fetch: async () => json({ error: null }), session: {} },
  ];
  for (const options of odd) {
    const checks = await doctor(options as DoctorOptions);
    assert.equal(checks.length, 13);
    for (const check of checks) assert.ok([true, false, "unknown"].includes(check.ok), check.name);
  }
});

test("the report is plain text with a line for each check and its advice", async () => {
  const info = mock.method(console, "info", () => undefined);
  const { fetch } = network(() => json(PLATFORMS));
  const checks = await doctor({ proxyUrl: PROXY, fetch, print: true });
  assert.deepEqual(
    info.mock.calls.map((call) => call.arguments),
    [[report(checks)]],
  );
  const some: Check[] = [
    { name: "proxy", ok: true, found: "fine", advice: "" },
    { name: "wasm file", ok: false, found: "404", advice: "Serve it." },
    { name: "clock", ok: "unknown", found: "hidden", advice: "" },
  ];
  assert.equal(
    report(some),
    `ok    proxy      fine
FAIL  wasm file  404
                 → Serve it.
?     clock      hidden`,
  );
});
