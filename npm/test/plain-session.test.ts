// Plain mode from the start of a session to its end.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failure, frame, GIVEN, Page, RESUME, success, view } from "./plain-page.js";

test("an existing frame is adopted and its session runs to its end", async () => {
  const page = new Page();
  const steps = [view("READY", 5), view("AWAITING_USER", 30), view("COMPLETED", 100)];
  page.proxy.status = () => steps.shift() ?? failure(500);
  page.request = { headers: () => ({ "X-Partner": "1" }) };
  const iframe = await page.given();
  assert.equal(page.frame, iframe);
  assert.deepEqual(page.details("ready"), [{ sessionId: "s", resumed: false, mode: "plain" }]);
  await page.settle();
  assert.deepEqual(page.status, ["Ready when you are", "Sign in below."]);
  assert.equal(JSON.parse(page.stored.get("cr3d:here") ?? "null").sessionId, "s");
  assert.ok(!page.stored.get("cr3d:here")?.includes("token=1"), "the frame's URL is not stored");

  await page.pass(4_250);
  assert.deepEqual(page.status, ["Your turn", "Continue in the window below."]);
  await page.pass(4_250);
  const urls = ["sessions/s", "sessions/s", "sessions/s"];
  assert.deepEqual(
    page.requests.map(({ url }) => url),
    urls,
  );
  const { headers } = page.requests[0] as { headers: Headers };
  assert.deepEqual([headers.get("Cr3d-Token"), headers.get("X-Partner")], ["v1.t", "1"]);
  const expected = "status ready status progress status action progress status progress complete end";
  assert.equal(page.names.join(" "), expected);
  assert.deepEqual(page.details("end"), [{ sessionId: "s", reason: "completed", confirmed: true }]);
  assert.deepEqual([page.frames, page.frame], [[GIVEN.embedUrl, ""], null]);
  assert.deepEqual([page.labels, page.stored.size, page.status[0]], [[], 0, "Verified"]);
  await page.pass(60_000);
  assert.equal(page.requests.length, 3, "no further request");
});

test("a create hands its frame to the page and a failure is repeated", async () => {
  const page = new Page();
  page.proxy.create = () => failure(500);
  await page.start({ kind: "new" }, { idempotencyKey: "handed over" });
  for (let tries = 0; tries < 3; tries += 1) await page.pass(10_000);
  assert.equal(page.sent("create").length, 4, "four attempts");
  const retrying = page.details("error").map((detail) => detail.retrying);
  assert.deepEqual(retrying, [true, true, true, false]);
  assert.deepEqual(page.state.stage, { notStarted: "server" });
  assert.deepEqual([page.status[0], page.labels], ["We could not start", ["Try again"]]);

  page.proxy.create = () => success(GIVEN, 201);
  page.buttons[0]?.click();
  await page.pass(1_000);
  const keys = page.sent("create").map(({ headers }) => headers.get("Idempotency-Key"));
  assert.deepEqual(keys.slice(0, 4), Array(4).fill("handed over"));
  assert.notEqual(keys[4], keys[3], "a response spends the key");
  assert.equal(page.src, GIVEN.embedUrl);
  assert.equal(page.sent("create")[0]?.body, '{"platformId":1}');
});

test("a create without a response is repeated with its key", async () => {
  const page = new Page();
  await page.start({ kind: "new" });
  await page.pass(180_000);
  assert.deepEqual(page.state.stage, { notStarted: "network" });
  page.handle.refresh();
  await page.pass(1_000);
  const keys = page.sent("create").map(({ headers }) => headers.get("Idempotency-Key"));
  assert.deepEqual([keys.length, new Set(keys).size], [5, 1]);
});

test("a failed create that the host hands over keeps its Retry-After", async () => {
  const page = new Page();
  page.proxy.create = () => success(GIVEN, 201);
  await page.start({ kind: "new", failure: { kind: "rate-limited", retryAfter: 60_000 } }, { idempotencyKey: "k" });
  assert.deepEqual(
    page.details("error").map(({ code, retrying }) => [code, retrying]),
    [["rate-limited", true]],
  );
  assert.equal(page.state.stage, "creating");
  page.handle.refresh();
  page.handle.startAgain();
  await page.pass(59_000);
  assert.equal(page.requests.length, 0, "not even when the user asks");
  await page.pass(1_250);
  assert.equal(page.sent("create").length, 1);
});

test("a failed create that cannot be repeated waits for the user", async () => {
  const page = new Page();
  await page.start({ kind: "new", failure: { kind: "forbidden", retryAfter: null } });
  await page.pass(60_000);
  assert.equal(page.requests.length, 0);
  assert.deepEqual(page.status, ["You cannot start this here", "Sign in on this site and try again."]);
});

test("a spent key is replaced without the user", async () => {
  const page = new Page();
  page.proxy.create = () => (page.requests.length === 1 ? failure(409, "key-spent") : success(GIVEN, 201));
  await page.start({ kind: "new" }, { idempotencyKey: "spent" });
  await page.pass(2_000);
  assert.equal(page.src, GIVEN.embedUrl);
  const [first, second] = page.sent("create").map(({ headers }) => headers.get("Idempotency-Key"));
  assert.ok(first === "spent" && second && second !== "spent");
});

test("a reloaded page polls first and then fetches a new frame", async () => {
  const page = new Page();
  page.proxy.status = () => view("AWAITING_USER", 30);
  page.proxy.frame = () => frame(2);
  await page.start(RESUME);
  await page.settle();
  assert.deepEqual(
    page.requests.map(({ url }) => url),
    ["sessions/s?fresh=1", "sessions/s/frame"],
  );
  assert.equal(page.src, "https://frame.example/verify/s?token=2");
  assert.deepEqual(page.details("ready"), [{ sessionId: "s", resumed: true, mode: "plain" }]);
});

test("another user's session emits nothing, and a new one starts", async () => {
  for (const late of [false, true]) {
    const page = new Page();
    const theirs = { ...RESUME, sessionId: "theirs" };
    page.proxy.status = ({ url }) => (url.includes("theirs") ? failure(403, "other-user") : view("READY", 5));
    page.proxy.create = () => success(GIVEN, 201);
    if (late) {
      page.shell.insertFrame("https://frame.example/theirs", "");
      page.history.set("status", { sessionId: "theirs" });
    }
    await page.start(theirs);
    await page.pass(1_000);
    assert.equal(page.src, GIVEN.embedUrl);
    const named = page.events.filter(({ detail }) => detail.sessionId === "theirs").map(({ name }) => name);
    assert.ok(!named.includes("end") && !named.includes("error"), named.join());
    assert.equal(JSON.parse(page.stored.get("cr3d:here") ?? "null").sessionId, "s");
  }
});

test("an identity that keeps changing does not start sessions for ever", async () => {
  const page = new Page();
  page.proxy.status = () => failure(403, "other-user");
  let count = 0;
  page.proxy.create = () => {
    count += 1;
    return success({ ...GIVEN, sessionId: `s${count}`, embedUrl: `https://frame.example/${count}` }, 201);
  };
  await page.start({ kind: "new" });
  await page.pass(120_000);
  assert.equal(count, 3);
  assert.equal(page.details("error").at(-1)?.code, "other-user");
});

test("no response ends a session or removes its frame", async () => {
  const responses: [respond: () => Response, code: string][] = [
    [() => new Response("<!doctype html>"), "intermediary"],
    [() => success({ sessionId: 7, status: "READY" }), "bad-response"],
    [() => view("COMPLETED", 100, { sessionId: "another" }), "bad-response"],
    [() => failure(401), "forbidden"],
    [() => failure(404), "not-found"],
    [() => failure(409), "refused"],
    [() => failure(426), "contract-version"],
    [() => failure(503), "server"],
  ];
  for (const [respond, code] of responses) {
    const page = new Page();
    page.proxy.status = respond;
    const iframe = await page.given();
    await page.pass(300_000);
    assert.deepEqual(
      page.details("error").map((detail) => [detail.code, detail.retrying]),
      [[code, true]],
    );
    assert.equal(page.frame, iframe);
    assert.ok(!page.names.includes("end"));
    page.proxy.status = () => view("COMPLETED", 100);
    await page.pass(60_000);
    assert.equal(page.names.at(-1), "end", "it goes on when the proxy does");
  }
});

test("the second failure is shown, and the next success removes it", async () => {
  const page = new Page();
  const fail = () => new Response("<!doctype html>", { status: 504 });
  const steps = [view("READY", 5), fail(), fail()];
  page.proxy.status = () => steps.shift() ?? view("READY", 5);
  await page.given();
  await page.pass(4_250);
  assert.equal(page.status[0], "Ready when you are");
  while (steps.length > 0) await page.pass(250);
  assert.deepEqual(page.status, ["This is taking longer than usual", "Keep this page open; we keep trying."]);
  await page.pass(4_000);
  assert.equal(page.status[0], "Ready when you are");
});

test("a session that the server denies is polled slowly and can be started again", async () => {
  const page = new Page();
  page.proxy.status = () => failure(404, "not-found");
  await page.start(RESUME);
  assert.deepEqual([page.status[0], page.labels], ["We could not find your verification", ["Start again"]]);
  await page.pass(61_000);
  assert.equal(page.sent("status").length, 3, "every 30 seconds");
  const [button] = page.buttons;
  page.proxy.create = () => success({ ...GIVEN, sessionId: "t" }, 201);
  button?.click();
  await page.pass(1_000);
  assert.deepEqual(page.details("end"), [{ sessionId: "s", reason: "closed", confirmed: true }]);
  assert.equal(page.state.sessionId, "t");
});

test("Retry-After is kept, also when the user or the page is back", async () => {
  const page = new Page();
  page.proxy.status = () => failure(503, "unavailable", { "Retry-After": "20" });
  const iframe = await page.given();
  iframe.dispatchEvent(new window.Event("load"));
  page.handle.refresh();
  window.dispatchEvent(new window.Event("online"));
  await page.pass(19_000);
  assert.equal(page.requests.length, 1);
  await page.pass(1_500);
  assert.equal(page.requests.length, 2);
});

test("every end has its reason, and says what the user can do", async () => {
  for (const [response, reason, title, labels] of [
    [view("PARTIAL_COMPLETE", 90), "partial", "Partly verified", []],
    [view("CANCELLED", 5), "cancelled", "You cancelled", ["Start again"]],
    [view("TERMINATED", 5), "terminated", "The verification was ended", ["Start again"]],
    [view("TERMINATED", 5, { serverTime: GIVEN.expiresAt }), "expired", "Time ran out", ["Start again"]],
    [view("ERROR", 5), "failed", "We could not verify your account", ["Start again"]],
  ] as const) {
    const page = new Page();
    page.proxy.status = () => response;
    await page.given();
    assert.deepEqual(page.details("end"), [{ sessionId: "s", reason, confirmed: true }]);
    assert.deepEqual([page.status[0], page.labels], [title, labels]);
    assert.equal(page.shell.dialog.dataset.end, reason);
  }
  const page = new Page();
  page.proxy.status = () => view("ERROR", 5, { errorCode: "ACCOUNT_LOCKED" });
  await page.given();
  assert.equal(page.details("end")[0]?.code, "ACCOUNT_LOCKED");
  assert.equal(page.details("error")[0]?.code, "provider:ACCOUNT_LOCKED");
  assert.equal(page.shell.view.querySelector("code")?.textContent, "ACCOUNT_LOCKED");
  page.proxy.create = () => success({ ...GIVEN, sessionId: "t", embedUrl: "https://frame.example/t" }, 201);
  page.proxy.status = () => view("READY", 5, { sessionId: "t" });
  page.buttons[0]?.click();
  await page.pass(1_000);
  assert.deepEqual([page.src, page.labels], ["https://frame.example/t", []]);
  assert.equal(page.shell.dialog.dataset.end, undefined);
});

test("a status of a later version is passed on and ends nothing", async () => {
  const page = new Page();
  const wild = { progress: 1e9, rev: "x", platform: { displayName: 9 }, expiresAt: "soon", hasAttestation: "yes" };
  const steps = [view("RESTING", 1, wild), view("constructor", 2, { progress: null }), view("COMPLETED", 3, wild)];
  page.proxy.status = () => steps.shift() ?? failure(500);
  await page.given();
  await page.pass(5_000);
  assert.deepEqual(
    page.details("status").map(({ status, step }) => `${status} ${step}`),
    ["CREATED connect", "RESTING connect", "constructor connect", "COMPLETED check"],
  );
  assert.deepEqual(
    page.details("progress").map(({ progress }) => progress),
    [100],
  );
  assert.deepEqual(page.details("complete"), [{ sessionId: "s", hasAttestation: false }]);
});
