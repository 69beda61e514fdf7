// The client of host and plain mode. tests/fixtures/responses.json is the table of responses that Rust is tested with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { Client, type ClientOptions, isFrameUrl } from "../src/client.js";
import { getFrame as getFrameOf, getPlatforms, getSession } from "../src/plain/requests.js";
import { ROOT } from "./dom.js";
import { setGlobal } from "./support.js";

/** The response to a status poll. */
interface Row {
  readonly story: string;
  readonly status: number;
  readonly redirected: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Null if reading it fails. */
  readonly body: string | null;
  /** The kind of the expected failure. Null if the data is decoded. */
  readonly kind: string | null;
  /** In milliseconds. */
  readonly retryAfter: number | null;
}

const rows = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/responses.json"), "utf8")) as Row[];
const ACCESS = { sessionId: "s/1", clientToken: "v1.t" };
const CREATED = { sessionId: "s", embedUrl: "https://frame.example/1", clientToken: "v1.t" };

interface Sent {
  readonly url: string;
  readonly init: RequestInit & { readonly headers: Readonly<Record<string, string>> };
}

let sent: Sent[];
let respond: (request: Sent) => Response | Promise<Response>;
const { signal } = new AbortController();
const original = globalThis.fetch;

beforeEach(() => {
  sent = [];
  respond = () => success(CREATED);
  setGlobal("fetch", async (url: string, init: Sent["init"]) => {
    sent.push({ url, init });
    return respond({ url, init });
  });
});
afterEach(() => setGlobal("fetch", original));

const success = (data: unknown) => new Response(JSON.stringify({ status: "success", data }));
const client = (options: ClientOptions = {}) => new Client(() => ({ proxyUrl: "/api/", ...options }));
const getFrame = (given: Client) => getFrameOf(given, ACCESS, isFrameUrl, signal);
const create = (options?: ClientOptions) => client(options).createSession({ platformId: 7, key: "k1", signal });

for (const { story, status, redirected, headers, body, kind, retryAfter } of rows) {
  test(`response: ${story}`, async () => {
    const text = () => (body === null ? Promise.reject("broken") : Promise.resolve(body));
    respond = () => ({ status, redirected, headers: new Headers(headers), text }) as Response;
    const outcome = await getSession(client(), { ...ACCESS, sessionId: "s" }, false, signal);
    assert.deepEqual("Ok" in outcome ? null : outcome.Err, kind === null ? null : { kind, retryAfter });
  });
}

test("the table has the responses", () => assert.ok(rows.length > 50));

test("a rejection of an own client counts as a response with its status and code", async () => {
  for (const [reason, kind, retryAfter = null] of [
    [{ status: 403, code: "other-user" }, "other-user"],
    [{ status: 409, code: "key-spent" }, "key-spent"],
    [{ status: 429, code: "rate-limited", retryAfter: 5 }, "rate-limited", 5_000],
    [{ status: 404 }, "not-found"],
    [{ status: 401 }, "forbidden"],
    [{ status: 500 }, "server"],
    [Object.assign(new Error("m"), { status: 503, retryAfter: "9" }), "server", 9_000],
    [{ code: "ERR_NETWORK" }, "network"],
    [new Error("m"), "network"],
  ] as const) {
    const getFrameByPage = () => Promise.reject(reason);
    const outcome = await getFrame(client({ getFrame: getFrameByPage }));
    assert.deepEqual(outcome, { Err: { kind, retryAfter } });
  }
  for (const data of [undefined, null, 7, {}, { embedUrl: "javascript:alert(1)" }]) {
    const outcome = await getFrame(client({ getFrame: async () => data as never }));
    assert.deepEqual(outcome, { Err: { kind: "bad-response", retryAfter: null } }, String(data));
  }
});

test("every request is a string and plain objects, with the headers of the contract", async () => {
  const given = client({ headers: { "X-Partner": "1", "content-type": "text/plain", "CR3D-TOKEN": "forged" } });
  await given.createSession({ platformId: 7, key: "k1", signal });
  await getSession(given, ACCESS, true, signal);
  await getFrame(given);
  await getPlatforms(given, signal);
  given.notifyClosed(ACCESS);
  await new Promise((done) => setImmediate(done));
  const own = { "Cr3d-Contract": "1", "X-Partner": "1" };
  const json = { ...own, "Content-Type": "application/json" };
  const common = { credentials: "same-origin", cache: "no-store" };
  const token = { "Cr3d-Token": "v1.t" };
  const kept = { "content-type": "text/plain" };
  assert.deepEqual(
    sent.map(({ url, init }) => [url.replace(/[?&]n=.*/, ""), init]),
    [
      [
        "/api/sessions",
        {
          ...common,
          method: "POST",
          headers: { ...json, "Idempotency-Key": "k1", "CR3D-TOKEN": "forged" },
          body: '{"platformId":7}',
          signal,
        },
      ],
      ["/api/sessions/s%2F1?fresh=1", { ...common, method: "GET", headers: { ...own, ...token, ...kept }, signal }],
      ["/api/sessions/s%2F1/frame", { ...common, method: "POST", headers: { ...json, ...token }, body: "{}", signal }],
      ["/api/platforms", { ...common, method: "GET", headers: { ...own, ...kept, "CR3D-TOKEN": "forged" }, signal }],
      [
        "/api/sessions/s%2F1/closed",
        { ...common, method: "POST", headers: { ...json, ...token }, body: "{}", keepalive: true },
      ],
    ],
  );
  for (const { init } of sent) assert.equal(Object.getPrototypeOf(init.headers), Object.prototype);
});

test("no status URL is sent twice", async () => {
  for (let n = 0; n < 3; n += 1) await getSession(client(), ACCESS, false, signal);
  assert.equal(new Set(sent.map(({ url }) => url)).size, 3);
});

test("headers are accepted in every form, without values that are missing", async () => {
  const forms: NonNullable<ClientOptions["headers"]>[] = [
    { "X-Partner": "1", "X-None": undefined, "X-Null": null },
    [["X-Partner", "1"]],
    new Headers({ "X-Partner": "1" }),
    () => ({ "X-Partner": "1" }),
    async () => new Headers({ "X-Partner": "1" }),
    () => undefined,
  ];
  for (const headers of forms) await create({ headers });
  const names = sent.map(({ init }) => Object.entries(init.headers).filter(([name]) => /^x-/i.test(name)));
  const expected = ["X-Partner", "X-Partner", "x-partner", "X-Partner", "x-partner"].map((name) => [[name, "1"]]);
  assert.deepEqual(names, [...expected, []]);
});

test("each request uses the options of its time", async () => {
  let options: ClientOptions = { proxyUrl: "/api", headers: { "X-Token": "a" } };
  const given = new Client(() => options);
  await getFrame(given);
  options = { proxyUrl: new URL("https://proxy.example/v/"), headers: { "X-Token": "b" }, credentials: "include" };
  await getFrame(given);
  assert.deepEqual(
    sent.map(({ url, init }) => [url, init.headers["X-Token"], init.credentials]),
    [
      ["/api/sessions/s%2F1/frame", "a", "same-origin"],
      ["https://proxy.example/v/sessions/s%2F1/frame", "b", "include"],
    ],
  );
});

test("a 401 reads the headers once more before it counts", async () => {
  const token = (request: Sent) => request.init.headers.Authorization;
  respond = (request) => (token(request) === "new" ? success(CREATED) : new Response("", { status: 401 }));
  const tokens = ["old", "new"];
  const outcome = await create({ headers: () => ({ Authorization: tokens.shift() }) });
  assert.deepEqual(outcome, { Ok: CREATED });
  assert.deepEqual(sent.map(token), ["old", "new"]);
  assert.equal(new Set(sent.map(({ init }) => init.headers["Idempotency-Key"])).size, 1, "one create");

  // A property that has changed meanwhile.
  let headers = { Authorization: "old" };
  respond = (request) => {
    headers = { Authorization: "new" };
    return token(request) === "new" ? success(CREATED) : new Response("", { status: 401 });
  };
  const changed = await new Client(() => ({ proxyUrl: "/api", headers })).createSession({
    platformId: 7,
    key: "k",
    signal,
  });
  assert.deepEqual(changed, { Ok: CREATED });
});

test("a 401 counts at once if the headers are the same, and after one repetition", async () => {
  respond = () => new Response("", { status: 401 });
  const forbidden = { Err: { kind: "forbidden", retryAfter: null } };
  assert.deepEqual(await create({ headers: { Authorization: "old" } }), forbidden);
  assert.equal(sent.length, 1);
  assert.deepEqual(await create({ headers: () => ({ Authorization: "old" }) }), forbidden);
  assert.equal(sent.length, 3);
});

test("own clients send requests in place of fetch", async () => {
  const calls: object[] = [];
  const own = (data: object) => async (request: object) => {
    calls.push(request);
    return data as never;
  };
  const view = { sessionId: "s/1", status: "READY" };
  const given = new Client(() => ({ createSession: own(CREATED), getSession: own(view), getFrame: own(CREATED) }));
  assert.ok("Ok" in (await given.createSession({ platformId: 7, key: "k1", signal })));
  assert.ok("Ok" in (await getSession(given, ACCESS, true, signal)));
  assert.ok("Ok" in (await getFrame(given)));
  assert.deepEqual(calls, [
    { platformId: 7, idempotencyKey: "k1", signal },
    { ...ACCESS, after: 0, wait: 0, fresh: true, signal },
    { ...ACCESS, signal },
  ]);
  given.notifyClosed(ACCESS);
  assert.ok("Err" in (await getPlatforms(given, signal)));
  assert.equal(sent.length, 0, "nothing is sent without a proxy URL");
});

test("no failure of the page's code rejects or throws", async () => {
  const network = { Err: { kind: "network", retryAfter: null } };
  const fail = () => {
    throw new Error("thrown by the page");
  };
  for (const options of [
    { headers: fail },
    { headers: () => Promise.reject(new Error("expired")) },
    { headers: 7 as never },
    { createSession: fail },
    { createSession: () => Promise.reject(undefined) },
    { createSession: () => Promise.reject({ status: 0 }) },
  ]) {
    assert.deepEqual(await create(options), network);
  }
  for (const odd of [undefined, null, 7, {}, { status: 200 }, Promise.reject({ status: 0 })]) {
    respond = () => odd as never;
    assert.deepEqual(await create(), network);
  }
});

test("a created session needs a URL that is safe to put into an iframe", async () => {
  const bad = { Err: { kind: "bad-response", retryAfter: null } };
  const urls = ["javascript:alert(1)", "data:text/html,x", "blob:https://a.example/1", "/verify", "", 7, null];
  for (const embedUrl of [...urls, "http://frame.example/1"]) {
    respond = () => success({ ...CREATED, embedUrl });
    assert.deepEqual(await create(), bad, String(embedUrl));
  }
  for (const data of [7, "text", {}, { ...CREATED, clientToken: "" }, { ...CREATED, sessionId: 7 }]) {
    respond = () => new Response(JSON.stringify({ data }));
    assert.deepEqual(await create(), bad);
  }
  const loopback = { ...CREATED, embedUrl: "http://127.0.0.1:7071/1" };
  respond = () => success(loopback);
  assert.deepEqual(await create(), { Ok: loopback });
});
