// Package files that cannot be loaded: the fallback for the page, and the retry by the next element.
import { until } from "../project.mjs";

/** Blocks files of these names from now on. */
function blockFiles(browser, ...names) {
  return browser.devtools("Network.setBlockedURLs", { urls: names.map((name) => `*/${name}`) });
}

async function openWithBlockedFiles({ app, browser }, ...names) {
  await browser.devtools("Network.enable", {});
  await blockFiles(browser, ...names);
  await openPage(browser, app.url("/empty.html"));
}

/** Opens a page whose requests go through the service worker `fixtures/pages/remembers.js`. */
async function openWithFailedScripts({ app, browser }) {
  const page = "/empty.html?remembers";
  await browser.goto(app.url("/empty.html"));
  await browser.run(
    `navigator.serviceWorker.register("/remembers.js", { scope: arguments[0] }).then((it) => (window.worker = it))`,
    page,
  );
  await until("the service worker", () => browser.run("return window.worker?.active?.state === 'activated'"));
  await openPage(browser, app.url(page));
  const stands = await browser.run("return navigator.serviceWorker.controller !== null");
  if (!stands) throw new Error("the service worker does not control the page");
}

async function openPage(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

function startElement(browser, id) {
  return browser.run("start({ id: arguments[0], resumeKey: arguments[0] })", id);
}

/** Inserts an element and expects it to become ready in this mode. */
async function expectReady(browser, id, mode) {
  await startElement(browser, id);
  const ready = "return events.find(({ name, from }) => name === 'ready' && from === arguments[0])";
  const { detail } = await until(`the element ${id}`, () => browser.run(ready, id));
  if (detail.mode !== mode) throw new Error(`the mode of ${id} is ${detail.mode}`);
}

/** Checks that a missing file leads to plain mode, but only for the element that could not load it. */
function loadAfterFailure(name) {
  return async (it) => {
    await openWithBlockedFiles(it, name);
    await expectReady(it.browser, "first", "plain");
    await blockFiles(it.browser);
    await expectReady(it.browser, "second", "full");
  };
}

const WASM = "cr3dentials_embed_bg.wasm";

export const LOADING = [
  ["a module that could not be loaded is loaded by the next element", loadAfterFailure(WASM)],
  ["a view's script that could not be loaded is loaded by the next element", loadAfterFailure("view.js")],
  [
    "scripts whose failed URLs the browser remembers are imported with other URLs",
    async (it) => {
      const { browser } = it;
      await openWithFailedScripts(it);
      await browser.run("window.kept = WebAssembly; delete window.WebAssembly");
      await expectReady(browser, "first", "plain");
      await browser.run("window.WebAssembly = kept");
      await expectReady(browser, "second", "full");
    },
  ],
  [
    "if neither view can be loaded the frame stays, and the next elements load both",
    async (it) => {
      const { user, browser } = it;
      await openWithBlockedFiles(it, WASM, "plain.js");
      await startElement(browser, "first");
      const last = "return events.filter(({ name, detail }) => name === 'error' && !detail.retrying)";
      const errors = await until("a final error", async () => {
        const found = await browser.run(last);
        return found.length > 0 && found;
      });
      const codes = errors.map(({ detail, from }) => `${detail.code} of ${from}`);
      if (codes.join() !== "wasm of first") throw new Error(`the errors were ${codes.join()}`);
      await user.waitForText(".cr3d-wait", "Sign in below");
      await user.waitForPrompt();
      await blockFiles(browser, WASM);
      await expectReady(browser, "second", "plain");
      await blockFiles(browser);
      await expectReady(browser, "third", "full");
      await browser.run("window.which = '#third'");
      await user.signIn("success");
      await until("the third's end", () => browser.run("return times('end', 'third')"));
    },
  ],
];
