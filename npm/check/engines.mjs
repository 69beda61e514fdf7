// The same page in every engine: everything that differs between engines.
import { besideIt, byAnotherWindow, byThePage, changesNothing } from "./cases/forged.mjs";
import { FIREFOX, EVERYWHERE as RESTRICTED } from "./cases/restricted.mjs";
import { EVERYWHERE as SHELL } from "./cases/shell.mjs";
import { playCase } from "./cases.mjs";
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
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.cancels();
      await person.sees("#outcome", "cancelled");
      await person.sees(".cr3d-title", "You cancelled");
    },
  ],
  [
    "resumed after a reload",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      const before = await browser.run("return events[0].detail.sessionId");
      await browser.reload();
      await until("the session again", () => browser.run("return times('ready')"));
      const { sessionId, resumed } = await browser.run("return events.find(({ name }) => name === 'ready').detail");
      if (sessionId !== before || !resumed) throw new Error("another session started");
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  ["without WebAssembly", (it) => isPlain(it, "/plain.html")],
  ["where the policy forbids WebAssembly", (it) => isPlain(it, "/forbidden.html")],
  [
    "in a dialog",
    async ({ app, person, browser }) => {
      await opensDialog({ app, person, browser });
      await person.look('deep("iframe").mark = "the same"; host.hide()');
      await until("a hidden dialog", () => person.look('return !deep(".cr3d").open'));
      await person.clicks("#opener");
      await until("the dialog", () => person.look('return deep(".cr3d").open'));
      await person.look('host.mode = "inline"; host.mode = "modal"');
      if ((await person.look('return deep("iframe")?.mark')) !== "the same")
        throw new Error("the frame was replaced");
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "moved in the page",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      await person.look('window.before = deep("iframe").src; document.body.append(host)');
      await until("another frame", () => person.look(ANOTHER_FRAME));
      await endsOnce(person);
    },
    { moves: true },
  ],
  [
    "moved in the page while its dialog is open",
    async ({ app, person, browser }) => {
      await opensDialog({ app, person, browser });
      await person.look('window.before = deep("iframe").src; document.body.prepend(host)');
      await until("another frame", () => person.look(ANOTHER_FRAME));
      if (!(await person.look(IS_MODAL))) throw new Error("the dialog is not modal any more");
      await endsOnce(person);
    },
    { moves: true },
  ],
  [
    "moved in the page by moveBefore",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      await person.look(`const place = document.body.appendChild(document.createElement("section"));
        deep("iframe").mark = "the same";
        (place.moveBefore ?? place.insertBefore).call(place, host, null);`);
      await person.isAsked();
      const [place, mark] = await person.look('return [host.parentNode.localName, deep("iframe").mark]');
      if (place !== "section") throw new Error(`it is in ${place}`);
      await endsOnce(person);
      const loads = [...app.provider.loads().values()].map(String);
      const kept = mark === "the same" && loads.join() === "200";
      // Other engines have no such function, or reload the frames of a shadow tree anyway.
      if (browser.engine === "chromium" && !kept) throw new Error(`the frame was reloaded: ${loads.join("; ")}`);
    },
    { moves: true },
  ],
  [
    "forged messages",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      await changesNothing(person, app.provider, async () => {
        await besideIt(browser, `http://127.0.0.1:${new URL(app.provider.origin).port}/forger.html`);
        await byThePage(browser, app.provider.frame.origin);
        await byAnotherWindow(browser, app.provider.frame.origin);
      });
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  ...RESTRICTED,
  ...SHELL,
];

/** Opens the dialog on a page that has a button for it. */
async function opensDialog({ app, person, browser }) {
  await browser.goto(app.url("/modal.html"));
  await until("the tag", () => browser.run("return customElements.get('cr3dentials-verify') !== undefined"));
  if (await person.look('return deep(".cr3d").open')) throw new Error("it is open from the start");
  await person.clicks("#opener");
  await person.isAskedAndToldSo();
  if (!(await person.look(IS_MODAL))) throw new Error("the dialog is not modal");
}

/** Completes the walk and expects one end and never more than one frame. */
async function endsOnce(person) {
  await person.signsIn("success");
  await person.sees("#outcome", "Granted");
  const [most, ends] = await person.browser.run("return [frameCount.most, times('end')]");
  if (most !== 1 || ends !== 1) throw new Error(`${most} frames at a time, ${ends} ends`);
}

/** Runs the walk in plain mode. The missing module is reported once, since a retry would not help. */
async function isPlain({ app, person, browser }, page) {
  await browser.goto(app.url(page));
  await person.signsIn("success");
  await person.sees("#outcome", "Granted");
  await person.sees(".cr3d-wait", "Verified");
  const told = await browser.run(
    "return events.filter(({ name }) => /ready|error/.test(name)).map(({ detail }) => detail.mode ?? detail.code)",
  );
  if (told.join() !== "wasm,plain" && told.join() !== "plain,wasm") throw new Error(`it emitted ${told.join()}`);
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
    await report.check(name, () => playCase(browser, app, name, play, options));
  }
  await cleanup.run();
}
