// Shared by the cases: a page that waits for an element, and a user who completes a verification.
import { until } from "../project.mjs";

/** Keys with a name, as WebDriver expects them. */
export const KEYS = { enter: "\uE007", escape: "\uE00C", end: "\uE010", pageDown: "\uE00F" };

export const isCreate = ({ method, path }) => method === "POST" && path.endsWith("/sessions");
export const isPoll = ({ method, path }) => method === "GET" && path.includes("/sessions/");

/** Opens a page with `watch.js`, and waits until it can insert elements. */
export async function openPage(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

/** Returns the codes of all errors so far. */
export function codes(browser) {
  return browser.run("return events.filter(({ name }) => name === 'error').map((it) => it.detail.code)");
}

/** Waits for the user's turn without entering the frame, since WebKitGTK's driver would send all keys there. */
export async function waitForTurn(browser) {
  await until("cr3d-action", () => browser.run("return times('action')"));
}

/** Marks the frame. `expectSameFrame` fails after another one took its place. */
export async function markFrame(user) {
  await waitForTurn(user.browser);
  await user.evaluate('deep("iframe").mark = "the same"');
}

export async function expectSameFrame(user) {
  const mark = await user.evaluate('return deep("iframe")?.mark ?? (deep("iframe") ? "another" : "none")');
  if (mark !== "the same") throw new Error(`the frame: ${mark}`);
}

/** Signs in, and expects one end of the session, which was completed. */
export async function signInToTheEnd({ user, browser }) {
  await user.signIn("success");
  await until("the end", () => browser.run("return times('end')"));
  const [reason, ends] = await browser.run(
    "return [events.find(({ name }) => name === 'end').detail.reason, times('end')]",
  );
  if (reason !== "completed" || ends !== 1) throw new Error(`${ends} ends, the first ${reason}`);
}

/** Waits until the page has had its turn many times: this many round trips to the server take longer. */
export async function settle(browser) {
  await browser.run(`return (async () => {
    for (let left = 30; left > 0; left -= 1) await fetch("/watch.js", { cache: "no-store" }).then((it) => it.text());
    return true;
  })()`);
}

/** Installs a service worker that controls the page, and removes it afterwards. */
export function behindWorker(script, play) {
  return async (it) => {
    const { browser, app } = it;
    await openPage(browser, app.url("/empty.html"));
    if (!(await browser.run("return 'serviceWorker' in navigator"))) return;
    await browser.run(
      `return navigator.serviceWorker.register(arguments[0]).then(() => new Promise((done) => {
        const look = () => navigator.serviceWorker.controller && done(true);
        navigator.serviceWorker.addEventListener("controllerchange", look);
        look();
      }))`,
      script,
    );
    try {
      await play(it);
    } finally {
      await browser.run(`return Promise.all([caches.delete("all"),
        navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((it) => it.unregister())))])
        .then(() => true)`);
    }
  };
}

export function equal(found, expected, what) {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}
