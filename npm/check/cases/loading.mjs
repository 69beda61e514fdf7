// Package files that cannot be loaded: the fallback for the page, and the retry by the next element.
import { until } from "../project.mjs";

/** Blocks files of these names from now on. */
function blocks(browser, ...names) {
  return browser.devtools("Network.setBlockedURLs", { urls: names.map((name) => `*/${name}`) });
}

async function opensWithout({ app, browser }, ...names) {
  await browser.devtools("Network.enable", {});
  await blocks(browser, ...names);
  await opens(browser, app.url("/empty.html"));
}

/** Opens a page whose requests go through the service worker `fixtures/pages/remembers.js`. */
async function opensWhereScriptsHaveFailed({ app, browser }) {
  const page = "/empty.html?remembers";
  await browser.goto(app.url("/empty.html"));
  await browser.run(
    `navigator.serviceWorker.register("/remembers.js", { scope: arguments[0] }).then((it) => (window.worker = it))`,
    page,
  );
  await until("the service worker", () => browser.run("return window.worker?.active?.state === 'activated'"));
  await opens(browser, app.url(page));
  const stands = await browser.run("return navigator.serviceWorker.controller !== null");
  if (!stands) throw new Error("the service worker does not control the page");
}

async function opens(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

function starts(browser, id) {
  return browser.run("start({ id: arguments[0], resumeKey: arguments[0] })", id);
}

/** Inserts an element and expects it to become ready in this mode. */
async function getsReady(browser, id, mode) {
  await starts(browser, id);
  const ready = "return events.find(({ name, from }) => name === 'ready' && from === arguments[0])";
  const { detail } = await until(`the element ${id}`, () => browser.run(ready, id));
  if (detail.mode !== mode) throw new Error(`the mode of ${id} is ${detail.mode}`);
}

/** Checks that a missing file leads to plain mode, but only for the element that could not load it. */
function missesOnce(name) {
  return async (it) => {
    await opensWithout(it, name);
    await getsReady(it.browser, "first", "plain");
    await blocks(it.browser);
    await getsReady(it.browser, "second", "full");
  };
}

const WASM = "cr3dentials_embed_bg.wasm";

export const LOADING = [
  ["a module that could not be loaded is loaded by the next element", missesOnce(WASM)],
  ["a view's script that could not be loaded is loaded by the next element", missesOnce("view.js")],
  [
    "scripts whose failed URLs the browser remembers are imported with other URLs",
    async (it) => {
      const { browser } = it;
      await opensWhereScriptsHaveFailed(it);
      await browser.run("window.kept = WebAssembly; delete window.WebAssembly");
      await getsReady(browser, "first", "plain");
      await browser.run("window.WebAssembly = kept");
      await getsReady(browser, "second", "full");
    },
  ],
  [
    "if neither view can be loaded the frame stays, and the next elements load both",
    async (it) => {
      const { user, browser } = it;
      await opensWithout(it, WASM, "plain.js");
      await starts(browser, "first");
      const last = "return events.filter(({ name, detail }) => name === 'error' && !detail.retrying)";
      const errors = await until("a final error", async () => {
        const found = await browser.run(last);
        return found.length > 0 && found;
      });
      const codes = errors.map(({ detail, from }) => `${detail.code} of ${from}`);
      if (codes.join() !== "wasm of first") throw new Error(`the errors were ${codes.join()}`);
      await user.sees(".cr3d-wait", "Sign in below");
      await user.seesPrompt();
      await blocks(browser, WASM);
      await getsReady(browser, "second", "plain");
      await blocks(browser);
      await getsReady(browser, "third", "full");
      await browser.run("window.which = '#third'");
      await user.signsIn("success");
      await until("the third's end", () => browser.run("return times('end', 'third')"));
    },
  ],
];
