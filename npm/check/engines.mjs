// The same page in every engine: everything that differs between engines.
import { EVERYWHERE as BESIDE } from "./cases/beside.mjs";
import { EVERYWHERE as DIALOG } from "./cases/dialog.mjs";
import { expectNoEffect, forgeBesideElement, forgeInAnotherWindow, forgeInPage } from "./cases/forged.mjs";
import { HANDOVER } from "./cases/handover.mjs";
import { EVERYWHERE as PHONE } from "./cases/phone.mjs";
import { EVERYWHERE as PLACES } from "./cases/places.mjs";
import { REQUESTS } from "./cases/requests.mjs";
import { FIREFOX, EVERYWHERE as RESTRICTED } from "./cases/restricted.mjs";
import { EVERYWHERE as SHELL } from "./cases/shell.mjs";
import { EVERYWHERE as STARTS } from "./cases/starts.mjs";
import { EVERYWHERE as SURVIVES } from "./cases/survives.mjs";
import { runCase } from "./cases.mjs";
import { startExample, walk } from "./examples.mjs";
import { addPages } from "./pages.mjs";
import { Cleanup, until } from "./project.mjs";

const IS_MODAL = 'return deep(".cr3d").matches(":modal")';
/** True if the frame is not the previous one. */
const ANOTHER_FRAME = 'return deep("iframe") !== null && deep("iframe").src !== before';

const CASES = [
  ["the main walk", ({ app, browser }) => walk(browser, app)],
  [
    "canceled in the frame",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.cancel();
      await user.waitForText("#outcome", "cancelled");
      await user.waitForText(".cr3d-title", "You cancelled");
    },
  ],
  [
    "resumed after a reload",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      const before = await browser.run("return events[0].detail.sessionId");
      await browser.reload();
      await until("the session again", () => browser.run("return times('ready')"));
      const { sessionId, resumed } = await browser.run("return events.find(({ name }) => name === 'ready').detail");
      if (sessionId !== before || !resumed) throw new Error("another session started");
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  ["without WebAssembly", (it) => completeInPlainMode(it, "/plain.html")],
  ["where the policy forbids WebAssembly", (it) => completeInPlainMode(it, "/forbidden.html")],
  [
    "in a dialog",
    async ({ app, user, browser }) => {
      await openDialog({ app, user, browser });
      await user.evaluate('deep("iframe").mark = "the same"; host.hide()');
      await until("a hidden dialog", () => user.evaluate('return !deep(".cr3d").open'));
      await user.click("#opener");
      await until("the dialog", () => user.evaluate('return deep(".cr3d").open'));
      await user.evaluate('host.mode = "inline"; host.mode = "modal"');
      if ((await user.evaluate('return deep("iframe")?.mark')) !== "the same")
        throw new Error("the frame was replaced");
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  [
    "moved in the page",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await user.evaluate('window.before = deep("iframe").src; document.body.append(host)');
      await until("another frame", () => user.evaluate(ANOTHER_FRAME));
      await expectOneEnd(user);
    },
    { moves: true },
  ],
  [
    "moved in the page while its dialog is open",
    async ({ app, user, browser }) => {
      await openDialog({ app, user, browser });
      await user.evaluate('window.before = deep("iframe").src; document.body.prepend(host)');
      await until("another frame", () => user.evaluate(ANOTHER_FRAME));
      if (!(await user.evaluate(IS_MODAL))) throw new Error("the dialog is not modal any more");
      await expectOneEnd(user);
    },
    { moves: true },
  ],
  [
    "moved in the page by moveBefore",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await user.evaluate(`const place = document.body.appendChild(document.createElement("section"));
        deep("iframe").mark = "the same";
        (place.moveBefore ?? place.insertBefore).call(place, host, null);`);
      await user.waitForPrompt();
      const [place, mark] = await user.evaluate('return [host.parentNode.localName, deep("iframe").mark]');
      if (place !== "section") throw new Error(`it is in ${place}`);
      await expectOneEnd(user);
      const loads = [...app.provider.loads().values()].map(String);
      const kept = mark === "the same" && loads.join() === "200";
      // Other engines have no such function, or reload the frames of a shadow tree anyway.
      if (browser.engine === "chromium" && !kept) throw new Error(`the frame was reloaded: ${loads.join("; ")}`);
    },
    { moves: true },
  ],
  [
    "forged messages",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await expectNoEffect(user, app.provider, async () => {
        await forgeBesideElement(browser, `http://127.0.0.1:${new URL(app.provider.origin).port}/forger.html`);
        await forgeInPage(browser, app.provider.frame.origin);
        await forgeInAnotherWindow(browser, app.provider.frame.origin);
      });
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  ...RESTRICTED,
  ...SHELL,
  ...DIALOG,
  ...BESIDE,
  ...PLACES,
  ...PHONE,
  ...STARTS,
  ...SURVIVES,
  ...REQUESTS,
  ...HANDOVER,
];

/** Opens the dialog on a page that has a button for it. */
async function openDialog({ app, user, browser }) {
  await browser.goto(app.url("/modal.html"));
  await until("the tag", () => browser.run("return customElements.get('cr3dentials-verify') !== undefined"));
  if (await user.evaluate('return deep(".cr3d").open')) throw new Error("it is open from the start");
  await user.click("#opener");
  await user.waitForPromptAndEvent();
  if (!(await user.evaluate(IS_MODAL))) throw new Error("the dialog is not modal");
}

/** Completes the walk and expects one end and never more than one frame. */
async function expectOneEnd(user) {
  await user.signIn("success");
  await user.waitForText("#outcome", "Granted");
  const [most, ends] = await user.browser.run("return [frameCount.most, times('end')]");
  if (most !== 1 || ends !== 1) throw new Error(`${most} frames at a time, ${ends} ends`);
}

/** Runs the walk in plain mode. The missing module is reported once, since a retry would not help. */
async function completeInPlainMode({ app, user, browser }, page) {
  await browser.goto(app.url(page));
  await user.signIn("success");
  await user.waitForText("#outcome", "Granted");
  await user.waitForText(".cr3d-wait", "Verified");
  const reported = await browser.run(
    "return events.filter(({ name }) => /ready|error/.test(name)).map(({ detail }) => detail.mode ?? detail.code)",
  );
  if (reported.join() !== "wasm,plain" && reported.join() !== "plain,wasm")
    throw new Error(`it emitted ${reported.join()}`);
}

export async function checkEngine(report, tarball, engine, browserOf) {
  const cases = engine === "firefox" ? [...CASES, ...FIREFOX] : CASES;
  const named = cases.map(([name, ...rest]) => [`${engine}: ${name}`, ...rest]);
  if (!report.wants(named.map(([name]) => name))) return;
  const cleanup = new Cleanup();
  let browser;
  let app;
  const ready =
    (await report.prepare(`${engine}: the browser`, async () => (browser = await browserOf(engine)))) &&
    (await report.prepare(
      `${engine}: a page`,
      async () => (app = await startExample(cleanup, "plain-html", tarball, addPages, { framedBy: ["127.0.0.1"] })),
    ));
  for (const [name, play, options] of ready ? named : []) {
    await report.check(name, () => runCase(browser, app, name, play, options));
  }
  await cleanup.run();
}
