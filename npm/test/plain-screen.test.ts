import assert from "node:assert/strict";
import { test } from "node:test";

import de from "../src/locales/de.json" with { type: "json" };
import en from "../src/locales/en.json" with { type: "json" };
import { count, ENGLISH, fill, isRtl } from "../src/plain/texts.js";
import { isFrom } from "../src/plain/watch.js";
import { failure, GIVEN, Page, success, view } from "./plain-page.js";

const english: Readonly<Record<string, string>> = en;

test("the built-in English matches the locale file, in its form without names", () => {
  for (const [key, text] of Object.entries(ENGLISH)) assert.equal(text, english[`${key}.plain`] ?? english[key], key);
});

test("known names are filled in, and placeholders never remain", () => {
  const words = { lang: "de", strings: { ...de, "ready.line": "Bei {platform} für {partner}." } };
  assert.equal(fill(words, { platform: "$& Uber", partner: "Harbor" }, "ready.line"), "Bei $& Uber für Harbor.");
  assert.equal(fill(words, { platform: "Uber" }, "ready.line"), de["ready.line.plain"]);
  assert.equal(fill({ lang: "nl", strings: { "ready.line": "{partner}" } }, {}, "ready.line"), "Sign in below.");
});

test("numbers use the language's plural forms and digits, and English for unknown languages", () => {
  assert.equal(count({ lang: "en", strings: {} }, "minutesLeft", 1), "1 minute left");
  assert.equal(count({ lang: "de", strings: de }, "minutesLeft", 5), de["minutesLeft.other"].replace("{n}", "5"));
  assert.equal(count({ lang: "no such language", strings: {} }, "tryingAgain", 2), "We will try again in 2 seconds.");
  assert.ok(isRtl("ar-EG") && !isRtl("arn"));
});

test("the screen uses the page's language and switches to another one", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5, { platform: { id: 1, name: "uber", displayName: "Uber" } });
  page.shell.insertFrame(GIVEN.embedUrl, "", new AbortController().signal);
  await page.start({ kind: "given", created: GIVEN }, {}, de);
  assert.deepEqual(page.status, [de["ready.title"], de["ready.line"].replace("{platform}", "Uber")]);
  assert.equal(page.iframe?.title, de.frameTitle);
  assert.equal(page.shell.dialog.lang, "de");

  page.handle.update({ lang: "ar", strings: { "ready.title": "جاهز" }, theme: "dark" });
  assert.equal(page.status[0], "جاهز");
  assert.equal(page.shell.dialog.dir, "rtl");
  assert.equal(page.shell.dialog.dataset.theme, "dark");
});

test("a message is not repeated, and the controls stay while nothing changes", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("RUNNING", 20);
  await page.given();
  await page.pass(30_000);
  assert.deepEqual(page.titles, ["Opening a secure window", "Checking your account"]);

  const other = new Page();
  other.proxy["GET status"] = () => failure(404);
  await other.start({ kind: "resume", sessionId: "x", clientToken: "t" });
  const [button] = other.buttons;
  await other.pass(30_000);
  assert.equal(button?.textContent, "Start again");
  assert.equal(other.buttons[0], button, "a button that the user is about to press is not replaced");
});

test("with a start screen nothing is created before the user clicks", async () => {
  const page = new Page();
  page.proxy["POST sessions"] = () => success(GIVEN, 201);
  await page.start({ kind: "new" }, { startScreen: true });
  await page.pass(10_000);
  assert.equal(page.requests.length, 0);
  assert.equal(page.status[0], "Before you start");
  page.buttons[0]?.click();
  await page.settle();
  assert.equal(page.src, GIVEN.embedUrl);
});

test("without a platform the user picks an active one", async () => {
  const page = new Page();
  page.proxy["GET platforms"] = () => failure(503);
  await page.start({ kind: "new" }, { platformId: undefined } as never);
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Try again"],
  );

  page.proxy["GET platforms"] = () =>
    success([
      { id: 3, displayName: "Lyft", isActive: true },
      { id: 4, displayName: "Asleep", isActive: false },
      { id: "5", displayName: "Nonsense", isActive: true },
      null,
    ]);
  page.buttons[0]?.click();
  await page.settle();
  assert.deepEqual(
    page.buttons.map((button) => button.textContent),
    ["Lyft"],
  );
  page.proxy["POST sessions"] = () => success(GIVEN, 201);
  page.buttons[0]?.click();
  await page.settle();
  assert.equal(page.requests.find(({ method }) => method === "POST")?.body, '{"platformId":3}');
  assert.equal(page.buttons.length, 0);
});

test("a frame that the page's policy refuses is offered in a new tab", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  page.proxy["POST frame"] = () => success({ embedUrl: "https://frame.example/verify/s?token=2" });
  await page.given();
  const violation = Object.assign(new page.window.Event("securitypolicyviolation"), {
    disposition: "enforce",
    effectiveDirective: "frame-src",
    blockedURI: "https://frame.example/verify/s",
  });
  page.window.document.dispatchEvent(violation);
  await page.settle();
  assert.deepEqual(page.status, ["The window cannot open on this page", "Open it in a new tab."]);
  const link = page.shell.dialog.querySelector("a");
  assert.equal(link?.href, "https://frame.example/verify/s?token=2");
  assert.deepEqual([link?.target, link?.rel], ["_blank", "noopener"]);
});

test("the focus of a removed frame moves to the message and not to a button", async () => {
  const page = new Page();
  page.proxy["GET status"] = () => view("READY", 5);
  const iframe = await page.given();
  iframe.focus();
  assert.equal((iframe.getRootNode() as ShadowRoot).activeElement, iframe);
  page.proxy["GET status"] = () => view("CANCELLED", 5);
  await page.pass(4_250);
  const root = page.shell.dialog.getRootNode() as ShadowRoot;
  assert.equal(root.activeElement?.getAttribute("role"), "status");
});

test("a hint must come from the frame's window and its exact origin, sent by the browser", () => {
  const window = {} as Window;
  const genuine = { isTrusted: true, origin: "https://frame.example", source: window };
  const frame = { contentWindow: window };
  assert.ok(isFrom(genuine, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, isTrusted: false }, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, source: {} as Window }, frame, "https://frame.example"));
  assert.ok(!isFrom({ ...genuine, source: null }, { contentWindow: null }, "https://frame.example"));
  const others = ["https://evil.frame.example", "http://frame.example", "https://frame.example:444", "null", ""];
  for (const origin of others) {
    assert.ok(!isFrom({ ...genuine, origin }, frame, "https://frame.example"), origin);
  }
});
