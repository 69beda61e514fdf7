import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { failure, GIVEN, Page, success, view } from "./plain-page.js";

test("an existing iframe is adopted and its session runs to its end", async () => {
  const page = new Page();
  const steps = [view("READY", 5), view("AWAITING_USER", 30), view("COMPLETED", 100)];
  page.proxy["GET status"] = () => steps.shift() ?? failure(500);
  const iframe = await page.given({ headers: [["X-Partner", "1"]], credentials: "include" });
  assert.equal(page.iframe, iframe);
  assert.deepEqual(page.detail("ready"), { sessionId: "s", resumed: false, mode: "plain" });
  assert.deepEqual(page.status, ["Ready when you are", "Sign in below."]);
  assert.equal(JSON.parse(page.stored.get("cr3d:here") ?? "null").sessionId, "s");
  assert.ok(!page.stored.get("cr3d:here")?.includes("token=1"), "the frame's URL is not stored");

  await page.pass(4_250);
  assert.deepEqual(page.status, ["Your turn", "Continue in the window below."]);
  assert.equal(page.iframe, iframe, "the same iframe throughout");
  assert.equal(iframe.getAttribute("src"), GIVEN.embedUrl);

  await page.pass(4_250);
  assert.deepEqual(page.paths(), ["GET sessions/s?after=0", "GET sessions/s?after=5", "GET sessions/s?after=30"]);
  const [request] = page.requests;
  assert.equal(request?.headers.get("Cr3d-Token"), "v1.t");
  assert.equal(request?.headers.get("Cr3d-Contract"), "1");
  assert.equal(request?.headers.get("X-Partner"), "1");
  assert.deepEqual(page.names, [
    "status",
    "ready",
    "status",
    "progress",
    "status",
    "action",
    "progress",
    "status",
    "progress",
    "complete",
    "end",
  ]);
  assert.deepEqual(page.detail("end"), { sessionId: "s", reason: "completed", confirmed: true });
  assert.deepEqual(page.status, ["Verified", "Your account is verified."]);
  assert.equal(page.iframe, null);
  assert.equal(page.buttons.length, 0, "no control is left");
  assert.equal(page.stored.size, 0);

  await page.pass(60_000);
  assert.equal(page.requests.length, 3, "no further request");
});

test("a failure shows its code and a button that starts again", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("ERROR", 40, { errorCode: "ACCOUNT_LOCKED" });
  await page.given();
  assert.deepEqual(page.detail("end"), { sessionId: "s", reason: "failed", code: "ACCOUNT_LOCKED", confirmed: true });
  assert.equal(page.shell.dialog.querySelector("code")?.textContent, "ACCOUNT_LOCKED");
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Try again"],
  );

  const embedUrl = "https://frame.example/verify/t?token=2";
  page.proxy["POST sessions"] = () => success({ ...GIVEN, sessionId: "t", embedUrl }, 201);
  page.proxy["GET status"] = () => view("READY", 5, { sessionId: "t" });
  page.buttons[0]?.click();
  await page.pass(1_000);
  const create = page.requests.find(({ method }) => method === "POST");
  assert.equal(create?.body, '{"platformId":1}');
  assert.match(create?.headers.get("Idempotency-Key") ?? "", /^[0-9a-f]{32}$/);
  assert.equal(page.src, embedUrl);
  assert.match(page.iframe?.getAttribute("sandbox") ?? "", /allow-scripts/);
  assert.equal(page.shell.dialog.querySelector("code"), null);
  assert.equal(page.buttons.length, 0);
});

test("a refused start shows a message and a button, a busy one shows the delay", async () => {
  const page = new Page();
  page.proxy["POST sessions"] = () => failure(429, { "Retry-After": "7" });
  await page.start({ kind: "new" }, { idempotencyKey: "key-1" });
  assert.deepEqual(page.status, ["Many people are verifying right now", "We will try again in 7 seconds."]);
  assert.deepEqual(page.detail("error"), {
    code: "rate-limited",
    message: "Too many requests at the moment.",
    retrying: true,
  });

  page.proxy["POST sessions"] = () => failure(403);
  await page.pass(8_000);
  assert.deepEqual(
    page.requests.map(({ headers }) => headers.get("Idempotency-Key")),
    ["key-1", "key-1"],
  );
  assert.deepEqual(page.status, ["You cannot start this here", "Sign in on this site and try again."]);
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Try again"],
  );

  page.proxy["POST sessions"] = () => success(GIVEN, 201);
  page.buttons[0]?.click();
  await page.settle();
  assert.equal(page.src, GIVEN.embedUrl);
});

test("no response of a proxy throws", async () => {
  const html = () => new Response("<!doctype html>", { status: 200 });
  const responses: [respond: () => Response, code: string][] = [
    [html, "bad-response"],
    [() => new Response("null"), "bad-response"],
    [() => success(null), "bad-response"],
    [() => success([]), "bad-response"],
    [() => success({ sessionId: 7, status: "READY" }), "bad-response"],
    [() => success({ sessionId: "s", status: "" }), "bad-response"],
    [() => view("x".repeat(10_000), 5), "bad-response"],
    [() => view("COMPLETED", 100, { sessionId: "another" }), "bad-response"],
    [() => failure(401), "forbidden"],
    [() => failure(404), "not-found"],
    [() => failure(409), "refused"],
    [() => failure(426), "contract-version"],
    [() => failure(503), "server"],
    [() => new Response("{}", { headers: { "Cr3d-Contract": "3" } }), "contract-version"],
    [
      () => {
        throw new TypeError("network");
      },
      "network",
    ],
  ];
  for (const [respond, code] of responses) {
    const page = new Page();
    page.proxy["GET status"] = respond;
    const iframe = await page.given();
    assert.equal(page.detail("error")?.code, code);
    assert.equal(page.detail("error")?.retrying, true);
    assert.equal(page.iframe, iframe);
    assert.ok(!page.names.includes("end"));
  }
});

test("the fields of a response are limited and typed", async () => {
  const page = new Page();
  const wild = { progress: 1e9, rev: -7.5, platform: { displayName: 9 }, expiresAt: "soon", hasAttestation: "yes" };
  const responses = [
    view("RUNNING", 1, wild),
    view("constructor", 2, { progress: "90", rev: 2 ** 60 }),
    view("ERROR", 3, { errorCode: "E".repeat(5_000) }),
  ];
  page.proxy["GET status"] = () => responses.shift() ?? failure(500);
  await page.given();
  assert.equal(page.detail("progress")?.progress, 100);
  await page.pass(2_250);
  assert.equal(page.requests[1]?.path, "sessions/s?after=0");
  assert.deepEqual(page.status, ["Still working", "Please keep this page open."]);
  await page.pass(2_250);
  assert.equal(page.requests[2]?.path, `sessions/s?after=${Number.MAX_SAFE_INTEGER}`);
  assert.equal(String(page.detail("end")?.code).length, 100);
});

test("a URL that is not a web address never reaches an iframe", async () => {
  for (const embedUrl of ["javascript:alert(1)", "data:text/html,x", "http://frame.example/1", "/verify", 7, null]) {
    const page = new Page();
    page.proxy["POST sessions"] = () => success({ ...GIVEN, embedUrl }, 201);
    await page.start({ kind: "new" });
    assert.equal(page.iframe, null, String(embedUrl));
    assert.equal(page.detail("error")?.code, "bad-response");
  }
  const page = new Page();
  page.proxy["POST sessions"] = () => success({ ...GIVEN, embedUrl: "http://127.0.0.1:7071/frame/1" }, 201);
  await page.start({ kind: "new" });
  assert.equal(page.src, "http://127.0.0.1:7071/frame/1");
});

test("a reloaded page polls first and then fetches a new frame", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("AWAITING_USER", 30);
  page.proxy["POST frame"] = () => success({ embedUrl: "https://frame.example/verify/s?token=2" });
  await page.start({ kind: "resume", sessionId: "s", clientToken: "v1.t", platformId: 1 });
  assert.deepEqual(page.paths(), ["GET sessions/s?after=0&fresh=1", "POST sessions/s/frame"]);
  assert.equal(page.src, "https://frame.example/verify/s?token=2");
  assert.deepEqual(page.detail("ready"), { sessionId: "s", resumed: true, mode: "plain" });
});

test("after the full view stopped, its iframe stays and no other is fetched", async () => {
  const page = new Page();
  page.shell.insertFrame(GIVEN.embedUrl, "", new AbortController().signal);
  const iframe = page.iframe;
  page.proxy["GET status"] = () => view("AWAITING_USER", 30);
  await page.start({ kind: "resume", sessionId: "s", clientToken: "v1.t", platformId: 1 });
  await page.pass(10_000);
  assert.ok(iframe && page.iframe === iframe);
  assert.ok(!page.paths().some((path) => path.endsWith("/frame")));
});

test("a moved element gets another frame", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  page.proxy["POST frame"] = () => success({ embedUrl: "https://frame.example/verify/s?token=2" });
  const iframe = await page.given();
  page.handle.frameLost();
  assert.equal(page.iframe, null);
  await page.settle();
  assert.notEqual(page.iframe, iframe);
  assert.equal(page.src, "https://frame.example/verify/s?token=2");
});

test("a load of the frame triggers a fresh poll, a message forged by the page does not", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  const iframe = await page.given();
  await page.pass(1_000);
  const { MessageEvent } = page.window;
  const forged = { data: { status: "COMPLETED" }, origin: "https://frame.example", source: iframe.contentWindow };
  page.window.dispatchEvent(new MessageEvent("message", forged));
  await page.settle();
  assert.equal(page.requests.length, 1);
  iframe.dispatchEvent(new page.window.Event("load"));
  await page.settle();
  assert.equal(page.requests[1]?.path, "sessions/s?after=5&fresh=1");
});

test("a hidden and frozen page does not poll, and polls freshly when it returns", async () => {
  const page = new Page();
  await page.given();
  assert.equal(page.requests[0]?.signal?.aborted, false);
  page.window.dispatchEvent(new page.window.Event("pagehide"));
  assert.equal(page.requests[0]?.signal?.aborted, true);
  await page.pass(60_000);
  assert.equal(page.requests.length, 1);
  page.window.dispatchEvent(new page.window.PageTransitionEvent("pageshow", { persisted: true }));
  await page.settle();
  assert.equal(page.requests[1]?.path, "sessions/s?after=0&fresh=1");
  assert.ok(!page.names.includes("error"));
});

test("an offline device shows a message and continues when online", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  await page.given();
  page.window.dispatchEvent(new page.window.Event("offline"));
  assert.deepEqual(page.status, ["You are offline", "We carry on when the connection is back."]);
  page.window.dispatchEvent(new page.window.Event("online"));
  await page.pass(1_000);
  assert.deepEqual(page.status, ["Ready when you are", "Sign in below."]);
});

test("closing notifies the proxy and the page, and offers to start again", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  await page.given();
  page.handle.close();
  assert.equal(page.paths().at(-1), "POST sessions/s/closed");
  assert.equal(page.requests.at(-1)?.headers.get("Cr3d-Token"), "v1.t");
  assert.deepEqual(page.detail("end"), { sessionId: "s", reason: "closed", confirmed: true });
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Start again"],
  );
  page.handle.close();
  assert.equal(page.names.filter((name) => name === "end").length, 1);
});

test("destroying leaves no request, timer, listener, frame or event behind", async () => {
  const page = new Page();
  await page.given();
  const [before, titles] = [page.events.length, page.titles.length];
  page.handle.destroy();
  assert.equal(page.requests[0]?.signal?.aborted, true);
  assert.equal(page.iframe, null);
  page.handle.refresh();
  page.handle.startAgain();
  page.handle.update({ partnerName: "Harbor" });
  page.handle.frameLost();
  page.handle.destroy();
  page.handle.free();
  for (const name of ["online", "offline", "pagehide"]) page.window.dispatchEvent(new page.window.Event(name));
  await page.pass(120_000);
  assert.deepEqual([page.requests.length, page.events.length, page.titles.length], [1, before, titles]);
  assert.equal(page.handle.state().stage, "destroyed");
  assert.equal(page.stored.size, 1, "the session itself continues");
});

test("a page may call any method in a listener, and a listener may throw", async () => {
  const page = new Page();
  const errors = mock.method(console, "error", () => undefined);
  page.proxy["GET status"] = () => view("CANCELLED", 5);
  page.proxy["POST sessions"] = () => success({ ...GIVEN, sessionId: "t", embedUrl: "https://frame.example/2" }, 201);
  page.onEvent = (name) => {
    if (name === "end") page.handle.startAgain();
    if (name === "status") throw new Error("thrown by the page");
  };
  await page.given();
  assert.equal(page.src, "https://frame.example/2");
  assert.ok(errors.mock.callCount() >= 2);
  errors.mock.restore();

  const other = new Page();
  other.proxy["GET status"] = () => view("COMPLETED", 100);
  other.onEvent = (name) => name === "complete" && other.handle.destroy();
  await other.given();
  assert.equal(other.names.at(-1), "complete", "pending events are dropped");
  assert.equal(other.iframe, null);
});

test("a page without storage works", async () => {
  const page = new Page();
  const get = () => {
    throw new DOMException("forbidden", "SecurityError");
  };
  Object.defineProperty(globalThis, "sessionStorage", { get, configurable: true });
  page.proxy["GET status"] = () => view("COMPLETED", 100);
  await page.given();
  assert.equal(page.names.at(-1), "end");
});

const refusal = (status: number, code: string): Response =>
  new Response(JSON.stringify({ status: "error", error: { code, message: "for developers" } }), { status });

test("a spent key is replaced without the user", async () => {
  const page = new Page();
  const keys: (string | null)[] = [];
  page.proxy["POST sessions"] = ({ headers }) => {
    keys.push(headers.get("Idempotency-Key"));
    return keys.length === 1 ? refusal(409, "key-spent") : success(GIVEN, 201);
  };
  await page.start({ kind: "new" }, { idempotencyKey: "handed over" });
  await page.pass(2_000);
  assert.equal(page.src, GIVEN.embedUrl);
  assert.deepEqual([keys[0], keys.length], ["handed over", 2]);
  assert.notEqual(keys[1], keys[0]);
});

test("another user's session emits nothing, and a new one starts", async () => {
  const page = new Page();
  page.stored.set("cr3d:here", JSON.stringify({ sessionId: "theirs", clientToken: "t", platformId: 1 }));
  page.proxy["GET status"] = ({ path }) => (path.includes("theirs") ? refusal(403, "other-user") : view("READY", 5));
  page.proxy["POST sessions"] = () => success(GIVEN, 201);
  await page.start({ kind: "resume", sessionId: "theirs", clientToken: "t" });
  await page.settle();
  assert.equal(page.src, GIVEN.embedUrl);
  assert.ok(!JSON.stringify(page.events).includes("theirs"), "no event contains its id");
  assert.equal(JSON.parse(page.stored.get("cr3d:here") ?? "null").sessionId, "s");
});

test("starting again after a choice shows the picker", async () => {
  const page = new Page();
  page.proxy["GET platforms"] = () => success([{ id: 1, displayName: "Uber", isActive: true }]);
  page.proxy["POST sessions"] = () => success(GIVEN, 201);
  page.proxy["GET status"] = () => view("AWAITING_USER", 30);
  await page.start({ kind: "new" }, { platformId: undefined } as never);
  page.buttons[0]?.click();
  await page.settle();
  assert.equal(page.src, GIVEN.embedUrl);
  page.handle.startAgain();
  await page.settle();
  assert.equal(page.iframe, null);
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Uber"],
  );
  assert.equal(page.requests.filter(({ method, path }) => method === "POST" && path === "sessions").length, 1);
});
