// Requests through wrappers of `fetch`, service workers and gateways, and requests that a reload interrupts.
import { until } from "../project.mjs";
import { behindWorker, codes, isCreate, isPoll, openPage } from "./page.mjs";

const HTML = { "Content-Type": "text/html" };
async function complete({ user }) {
  await user.waitForPromptAndEvent();
  await user.signIn("success");
  await user.waitForText(".cr3d-title", "Verified");
}

/** Wrappers that expect what most pages pass to `fetch`: a string and a plain object. */
const WRAPPERS = `const real = fetch;
  window.fetch = (url, init = {}) => {
    if (!url.startsWith("/api/verification")) return real(url, init);
    return real(url, { ...init, headers: { ...init.headers, "X-CSRF": "1" } });
  };`;

/** Waits until a service worker controls the page, or returns the page to its state without one. */
/** Responds to a poll that the session has not changed. */
function unchanged({ path }) {
  const { pathname, searchParams } = new URL(path, "http://proxy.example");
  const data = { sessionId: pathname.split("/").at(-1), status: "AWAITING_USER", rev: +searchParams.get("after") };
  return { status: 200, body: JSON.stringify({ status: "success", data }) };
}

export const REQUESTS = [
  [
    "wrappers of fetch that expect strings and plain objects work",
    async (it) => {
      await openPage(it.browser, it.app.url("/empty.html"));
      await it.browser.run(`${WRAPPERS} start({ startScreen: true })`);
      await it.user.click(".cr3d-primary");
      await complete(it);
      const creates = it.app.provider.browser.requests.filter(isCreate).map(({ status }) => status);
      if (creates.join() !== "201") throw new Error(`the creates: ${creates.join()}`);
    },
  ],
  [
    "a service worker that responds from its cache never responds to a poll",
    behindWorker("/caching-worker.js", async (it) => {
      await it.browser.run("start()");
      await it.user.waitForPromptAndEvent();
      let left = 3;
      it.app.provider.browser.fault = (request) => (isPoll(request) && left-- > 0 ? unchanged(request) : undefined);
      await it.user.evaluate("host.refresh()");
      await until("unchanged responses", () => left <= 0);
      await complete(it);
    }),
  ],
  [
    "a challenge page at the start is retried and not blamed on the sign-in",
    async (it) => {
      const page = { status: 403, body: "<!doctype html><title>One moment</title>", headers: HTML };
      let left = 3;
      it.app.provider.browser.fault = (request) => (isCreate(request) && left-- > 0 ? page : undefined);
      await openPage(it.browser, it.app.url("/empty.html"));
      await it.browser.run("start()");
      await complete(it);
      const found = [...new Set(await codes(it.browser))].join();
      if (found !== "intermediary") throw new Error(`it emitted the errors ${found}`);
    },
  ],
  [
    "a redirect to a login page keeps the frame, and the session goes on after it",
    async (it) => {
      await openPage(it.browser, it.app.url("/empty.html"));
      await it.browser.run("start()");
      await it.user.waitForPromptAndEvent();
      await it.user.evaluate('deep("iframe").mark = "the same"');
      const login = { status: 302, body: "", headers: { Location: "/done.html" } };
      let left = 1;
      it.app.provider.browser.fault = (request) => (isPoll(request) && left-- > 0 ? login : undefined);
      await it.user.evaluate("host.refresh()");
      await until("the error", async () => (await codes(it.browser)).join() === "forbidden");
      await it.user.signIn("success");
      await it.user.waitForText(".cr3d-title", "Verified");
    },
  ],
  [
    "a reload during a create repeats it with its key",
    async (it) => {
      const { browser } = it.app.provider;
      const before = (await it.app.provider.sessions()).length;
      let release;
      browser.fault = (request) => (isCreate(request) ? { hold: new Promise((done) => (release = done)) } : undefined);
      await openPage(it.browser, it.app.url("/empty.html"));
      await it.browser.run("start({ startScreen: true })");
      await it.user.click(".cr3d-primary");
      await until("a create", () => browser.requests.some(isCreate));
      browser.fault = undefined;
      await openPage(it.browser, it.app.url("/empty.html"));
      release();
      await it.browser.run("start({ startScreen: true })");
      await it.user.click(".cr3d-primary");
      await complete(it);
      const created = (await it.app.provider.sessions()).length - before;
      if (created !== 1) throw new Error(`the provider has created ${created} sessions`);
    },
  ],
];
