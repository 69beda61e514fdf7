// Actions of the user, the page and the browser in plain mode.
import assert from "node:assert/strict";
import { test } from "node:test";

import de from "../src/locales/de.json" with { type: "json" };
import en from "../src/locales/en.json" with { type: "json" };
import { isFrom } from "../src/plain/frame.js";
import { LABELS, STATUSES } from "../src/plain/texts.js";
import { failure, frame, GIVEN, Page, RESUME, success, view } from "./plain-page.js";
import { forbidGlobal } from "./support.js";

const english: Readonly<Record<string, string>> = en;
const german: Readonly<Record<string, string>> = de;

test("without a platform the user picks an active one", async () => {
  const page = new Page();
  page.proxy.platforms = () => failure(503);
  await page.start({ kind: "new" }, { platformId: undefined } as never);
  await page.settle();
  assert.deepEqual([page.status[0], page.labels], ["This is taking longer than usual", []]);
  const asleep = { id: 4, displayName: "Asleep", isActive: false };
  const unreadable = [{ id: "5", displayName: "Nonsense", isActive: true }, { id: 6, isActive: true }, null];
  page.proxy.platforms = () => success([{ id: 3, displayName: "Lyft", isActive: true }, asleep, ...unreadable]);
  await page.pass(5_000);
  assert.deepEqual([page.status[0], page.labels], ["Which account do you want to verify?", ["Lyft"]]);

  page.proxy.create = () => success({ ...GIVEN, platformId: 3 }, 201);
  page.proxy.status = () => view("READY", 5, { platformId: 3 });
  page.buttons[0]?.click();
  await page.pass(1_000);
  assert.equal(page.sent("create")[0]?.body, '{"platformId":3}');
  assert.deepEqual([page.labels, page.src], [[], GIVEN.embedUrl]);
  page.handle.startAgain();
  await page.pass(1_000);
  assert.deepEqual([page.labels, page.sent("create").length], [["Lyft"], 1]);

  const empty = new Page();
  empty.proxy.platforms = () => success([]);
  await empty.start({ kind: "new" }, { platformId: undefined } as never);
  await empty.settle();
  assert.equal(empty.status[0], "We could not start");
});

test("with a start screen nothing is created before the user clicks", async () => {
  const page = new Page();
  page.proxy.create = () => success(GIVEN, 201);
  await page.start({ kind: "new" }, { startScreen: true });
  await page.pass(10_000);
  assert.deepEqual([page.requests.length, page.status[0]], [0, "Before you start"]);
  page.buttons[0]?.click();
  await page.pass(1_000);
  assert.equal(page.src, GIVEN.embedUrl);
});

test("closing notifies the proxy and the page, and begins anew when opened", async () => {
  const page = new Page();
  page.proxy.status = () => view("READY", 5);
  await page.given();
  page.handle.close();
  page.handle.close();
  await page.settle();
  assert.equal(page.sent("closed")[0]?.headers.get("Cr3d-Token"), "v1.t");
  assert.deepEqual(page.details("end"), [{ sessionId: "s", reason: "closed", confirmed: true }]);
  assert.deepEqual([page.labels, page.frame, page.shell.isOpen], [["Start again"], null, false]);
  page.handle.open();
  await page.pass(1_000);
  assert.deepEqual([page.sent("create").length, page.shell.isOpen], [1, true]);
  page.handle.close();
  assert.deepEqual(page.details("end").at(-1), { reason: "closed", confirmed: true }, "before there was a session");
});

test("destroying leaves no request, timer, listener, frame or event behind", async () => {
  const page = new Page();
  await page.given();
  const [request] = page.sent("status");
  const events = page.events.length;
  page.handle.destroy();
  assert.ok(request?.signal?.aborted);
  assert.equal(page.frame, null);
  for (const method of ["refresh", "startAgain", "frameLost", "remount", "close", "destroy", "free"] as const) {
    page.handle[method]();
  }
  page.handle.update({ theme: "dark" });
  for (const name of ["online", "pageshow", "pagehide"]) window.dispatchEvent(new window.Event(name));
  await page.pass(120_000);
  assert.deepEqual([page.requests.length, page.events.length, page.state.stage], [1, events, "destroyed"]);
  assert.equal(page.stored.size, 1, "the session itself continues");
});

test("a listener may call any method, also in the first event", async () => {
  const destroyed = new Page();
  destroyed.onEvent = () => destroyed.handle.destroy();
  await destroyed.given();
  await destroyed.pass(60_000);
  assert.deepEqual([destroyed.names, destroyed.requests.length, destroyed.frame], [["status"], 0, null]);

  const ending = new Page();
  ending.proxy.status = () => view("COMPLETED", 100);
  ending.onEvent = ({ name }) => name === "complete" && ending.handle.destroy();
  await ending.given();
  assert.equal(ending.names.at(-1), "complete", "pending events are dropped");

  const again = new Page();
  again.proxy.status = () => view("CANCELLED", 5);
  again.proxy.create = () => success({ ...GIVEN, sessionId: "t", embedUrl: "https://frame.example/2" }, 201);
  again.onEvent = ({ name }) => name === "end" && again.handle.startAgain();
  await again.given();
  await again.pass(1_000);
  assert.equal(again.src, "https://frame.example/2");

  const closed = new Page();
  closed.proxy.status = () => view("COMPLETED", 100);
  closed.onEvent = ({ name }) => name === "action" || closed.handle.close();
  await closed.given();
  await closed.pass(1_000);
  assert.equal(closed.details("end").length, 1);
});

test("the state inside an event is the one that it reports", async () => {
  const page = new Page();
  page.proxy.status = () => view("COMPLETED", 100);
  const seen: unknown[] = [];
  page.onEvent = ({ name }) => seen.push([name, page.state.status, page.state.stage, page.status[0]]);
  await page.given();
  const ended = { ended: { reason: "completed", confirmed: true } };
  const final = ["status", "progress", "complete", "end"].map((name) => [name, "COMPLETED", ended, "Verified"]);
  const first = ["status", "ready"].map((name) => [name, "CREATED", "live", "Opening a secure window"]);
  assert.deepEqual(seen, [...first, ...final]);
});

test("after the full view has stopped, its frame stays and no event is repeated", async () => {
  const page = new Page();
  const before = page.shell.insertFrame(GIVEN.embedUrl, "");
  page.stored.set("cr3d:here", JSON.stringify({ sessionId: "s", clientToken: "v1.t", platformId: 1 }));
  page.history.set("status", { sessionId: "s", status: "AWAITING_USER", step: "sign-in" } as object);
  page.history.set("progress", { sessionId: "s", progress: 30 } as object);
  page.history.set("ready", { sessionId: "s" });
  page.proxy.status = () => view("AWAITING_USER", 25);
  // The session that the host began with has been replaced since.
  await page.start({ kind: "given", created: { ...GIVEN, sessionId: "old", embedUrl: "https://frame.example/old" } });
  await page.pass(10_000);
  assert.ok(page.frame === before && page.frames.length === 1);
  assert.deepEqual([page.names, page.sent("frame").length], [[], 0]);
  page.proxy.status = () => view("COMPLETED", 100);
  await page.pass(4_250);
  assert.equal(page.names.join(" "), "status progress complete end");

  const late = new Page();
  late.history.set("status", { sessionId: "s", status: "COMPLETED", step: "check" } as object);
  late.history.set("complete", { sessionId: "s" });
  late.proxy.status = () => view("COMPLETED", 5);
  late.history.set("progress", { sessionId: "s", progress: 5 } as object);
  await late.start(RESUME);
  assert.deepEqual(late.names, ["end"], "the full view has stopped within the last events");
});

test("a moved element gets another frame, at most every ten seconds", async () => {
  const page = new Page();
  page.proxy.status = () => view("READY", 5);
  page.proxy.frame = () => frame(page.sent("frame").length + 1);
  await page.given();
  page.handle.frameLost();
  assert.equal(page.frame, null);
  await page.settle();
  assert.equal(page.src, "https://frame.example/verify/s?token=2");
  page.handle.frameLost();
  await page.pass(9_500);
  assert.equal(page.frame, null);
  await page.pass(750);
  assert.equal(page.src, "https://frame.example/verify/s?token=3");
  assert.equal(page.details("ready").length, 1);
});

test("a frame that cannot be had is tried again, or given up with a way on", async () => {
  const busy = new Page();
  busy.proxy.status = () => view("READY", 5);
  busy.proxy.frame = () => (busy.sent("frame").length < 3 ? failure(503) : frame(2));
  await busy.start(RESUME);
  await busy.pass(30_000);
  assert.equal(busy.src, "https://frame.example/verify/s?token=2");
  assert.equal(busy.details("error").length, 1, "once for each series");

  for (const respond of [() => failure(409, "conflict"), () => success({ embedUrl: GIVEN.embedUrl })]) {
    const page = new Page();
    page.proxy.status = () => view("READY", 5);
    page.proxy.frame = respond;
    await page.given();
    page.handle.frameLost();
    await page.pass(1_000);
    assert.deepEqual([page.frame, page.labels], [null, ["Start again"]]);
    assert.equal(page.details("error")[0]?.retrying, false);
  }
});

test("a remount keeps the old frame until there is a new one", async () => {
  const page = new Page();
  page.proxy.status = () => view("READY", 5);
  let respond = (_: Response): void => undefined;
  page.proxy.frame = () => new Promise((resolve) => (respond = resolve));
  const old = await page.given();
  page.handle.remount();
  await page.pass(1_000);
  assert.equal(page.frame, old);
  respond(frame(2));
  await page.settle();
  assert.equal(page.src, "https://frame.example/verify/s?token=2");
});

test("a frame that the page's policy refuses is offered in a new tab", async () => {
  for (const isEarly of [false, true]) {
    const page = new Page();
    page.proxy.status = () => view("READY", 5);
    page.proxy.frame = () => frame(2);
    const blocked = { disposition: "enforce", effectiveDirective: "frame-src", blockedURI: GIVEN.embedUrl };
    const refuse = () => {
      document.dispatchEvent(Object.assign(new window.Event("securitypolicyviolation"), blocked));
    };
    if (isEarly) {
      page.shell.insertFrame(GIVEN.embedUrl, "");
      refuse();
      await page.start({ kind: "given", created: GIVEN });
    } else {
      await page.given();
      refuse();
    }
    await page.pass(1_000);
    assert.deepEqual(
      page.details("error").map(({ code }) => code),
      ["frame-blocked"],
    );
    assert.equal(page.status[0], "The window cannot open on this page");
    const link = page.shell.view.querySelector("a");
    assert.equal(link?.href, "https://frame.example/verify/s?token=2");
    assert.deepEqual([link?.target, link?.rel], ["_blank", "noopener"]);
  }
});

test("a load of the frame causes a fresh poll, a message forged by the page does not", async () => {
  const page = new Page();
  page.proxy.status = () => view("READY", 5);
  const iframe = await page.given();
  await page.pass(1_000);
  const forged = { data: { status: "COMPLETED" }, origin: "https://frame.example", source: iframe.contentWindow };
  window.dispatchEvent(new window.MessageEvent("message", forged));
  await page.settle();
  assert.equal(page.requests.length, 1);
  for (let n = 0; n < 100; n += 1) iframe.dispatchEvent(new window.Event("load"));
  await page.pass(250);
  assert.deepEqual(page.requests.map(({ url }) => url).slice(1), ["sessions/s?fresh=1"]);
});

test("a hint must come from the frame's window and its exact origin, sent by the browser", () => {
  const window = {} as Window;
  const genuine = { isTrusted: true, origin: "https://frame.example", source: window };
  const frame = { contentWindow: window };
  assert.ok(isFrom(genuine, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, isTrusted: false }, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, source: {} as Window }, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, source: null }, { contentWindow: null }, "https://frame.example"));
  for (const origin of [
    "https://evil.frame.example",
    "http://frame.example",
    "https://frame.example:444",
    "null",
    "",
  ]) {
    assert.ok(!isFrom({ ...genuine, origin }, frame, "https://frame.example"), origin);
  }
});

test("a page that the browser keeps does not poll, and polls freshly when it returns", async () => {
  const page = new Page();
  await page.given();
  window.dispatchEvent(new window.Event("pagehide"));
  assert.ok(page.requests[0]?.signal?.aborted);
  await page.pass(60_000);
  assert.equal(page.requests.length, 1);
  window.dispatchEvent(new window.Event("pageshow"));
  await page.settle();
  assert.equal(page.requests[1]?.url, "sessions/s?fresh=1");
  assert.ok(!page.names.includes("error"));
});

test("own clients are used, and one that never settles counts as failed", async () => {
  const page = new Page();
  const data = { ...GIVEN, rev: 5, progress: 5 };
  page.request = {
    createSession: async () => GIVEN,
    getSession: () =>
      page.state.status === "CREATED" ? Promise.resolve({ ...data, status: "READY" }) : new Promise(() => {}),
    getFrame: () => Promise.reject({ status: 503, retryAfter: 30 }),
  };
  await page.start({ kind: "new" });
  await page.pass(1_000);
  assert.deepEqual([page.src, page.state.status, page.requests.length], [GIVEN.embedUrl, "READY", 0]);
  await page.pass(35_000);
  assert.equal(page.details("error")[0]?.code, "network");
});

test("a page without storage works", async () => {
  const page = new Page();
  forbidGlobal("sessionStorage");
  page.proxy.status = () => view("COMPLETED", 100);
  await page.given();
  assert.equal(page.names.at(-1), "end");
});

test("a message is not repeated, and the controls stay while nothing changes", async () => {
  const page = new Page();
  page.proxy.status = () => failure(404);
  await page.start(RESUME);
  const [button] = page.buttons;
  const title = page.shell.view.querySelector(".cr3d-title")?.firstChild;
  await page.pass(130_000);
  assert.equal(button?.textContent, "Start again");
  assert.equal(page.buttons[0], button, "a button that the user is about to press is not replaced");
  assert.equal(page.shell.view.querySelector(".cr3d-title")?.firstChild, title);
});

test("texts are the page's, the language's or English, and never contain a placeholder", async () => {
  const plain = (key: string) => english[`${key}.plain`] ?? english[key];
  for (const [key, text] of Object.entries(LABELS)) assert.equal(text, plain(key), key);
  for (const [name, [title, line]] of Object.entries(STATUSES)) {
    assert.equal(title, plain(`${name}.title`), name);
    if (line) assert.equal(line, plain(`${name === "slow" ? "reconnecting" : name}.line`), name);
  }
  const page = new Page();
  page.proxy.status = () => view("READY", 5);
  page.shell.insertFrame(GIVEN.embedUrl, "");
  const strings = { ...german, "awaitingUser.title": "{platform} ruft" };
  await page.start({ kind: "given", created: GIVEN }, { lang: "de", strings });
  await page.settle();
  assert.deepEqual(page.status, [german["ready.title"], german["ready.line.plain"]]);
  page.proxy.status = () => view("AWAITING_USER", 5);
  await page.pass(4_250);
  assert.equal(page.status[0], "Your turn");

  page.handle.update({ lang: "ar", strings: { "awaitingUser.title": "دورك", frameTitle: "تحقق" }, theme: "dark" });
  assert.equal(page.status[0], "دورك");
  assert.deepEqual([page.shell.dialog.dir, page.shell.dialog.dataset.theme], ["rtl", "dark"]);
});
