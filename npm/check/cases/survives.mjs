// A session survives with the same frame: whatever lies between the page and the proxy, and whatever happens to the page.
import { until } from "../project.mjs";
import {
  behindWorker,
  codes,
  equal,
  expectSameFrame,
  isCreate,
  isPoll,
  markFrame,
  openPage,
  signInToTheEnd,
} from "./page.mjs";

/** Records every title that is shown, and every change of the text by hand is visible in it. */
const RECORD_TITLES = `window.titles = new Set();
  const root = document.querySelector("cr3dentials-verify").shadowRoot;
  const look = () => titles.add(root.querySelector(".cr3d-title")?.textContent.trim() ?? "");
  look();
  new MutationObserver(look).observe(root, { childList: true, subtree: true, characterData: true });`;

async function expectTitles(browser, forbidden) {
  const titles = await browser.run("return [...titles]");
  const found = titles.filter((title) => forbidden.test(title));
  if (found.length > 0) throw new Error(`it showed: ${titles.join("; ")}`);
}

const TROUBLE = /Reconnecting|offline|longer than usual|cannot see|could not|open elsewhere/i;

/**
 * Returns a case: inserts an element with `options` (a script), lets `during` happen at the user's turn, and completes
 * the session in the same frame.
 *
 * @param errors the codes that the page may receive
 */
function survive({
  page = "/empty.html",
  prepare = "",
  options = "{}",
  begin,
  during,
  errors = [],
  trouble = TROUBLE,
  shown = "Verified",
}) {
  return async (it) => {
    const { app, user, browser } = it;
    await begin?.(it);
    await openPage(browser, app.url(page));
    await browser.run(`${prepare}; start(${typeof options === "function" ? options(it) : options})`);
    await markFrame(user);
    await browser.run(RECORD_TITLES);
    await during?.(it);
    await expectSameFrame(user);
    equal(await browser.run("return times('end')"), 0, "the number of ends at the user's turn");
    await expectTitles(browser, trouble);
    await signInToTheEnd(it);
    await user.waitForText(".cr3d-title", shown);
    const unexpected = (await codes(browser)).filter((code) => !errors.includes(code));
    equal(unexpected, [], "unexpected errors");
  };
}

const polls = ({ app }) => app.provider.browser.requests.filter(isPoll);

/** Requests the status now, and waits for the request, which may be a long poll. */
async function pollOnce(it) {
  const before = polls(it).length;
  await it.user.evaluate("host.refresh()");
  await until("a poll", () => polls(it).length > before);
}

/** A wrapper as tracing libraries install it. */
const TRACING = `const real = fetch;
  window.fetch = (url, init = {}) =>
    real(url, { ...init, headers: { ...init.headers, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } })`;

/** The proxy on another origin than the page. */
const elsewhere = (more) => (it) => `{ proxyUrl: "${it.app.provider.browser.origin}/api/verification", ${more} }`;

/** Every request about a session has this header. Preflights cannot have it. */
function expectHeader(it, name, expected) {
  const { requests: all } = it.app.provider.browser;
  const requests = all.filter(({ method, path }) => method !== "OPTIONS" && path.includes("/sessions"));
  if (!requests.some(isCreate) || !requests.some(isPoll)) throw new Error("requests are missing");
  for (const { method, path, sent } of requests) equal(sent[name], expected, `${name} of ${method} ${path}`);
}

/** Responds to a poll that nothing has changed, at once. */
function unchanged({ path }) {
  const { pathname, searchParams } = new URL(path, "http://proxy.example");
  const data = { sessionId: pathname.split("/").at(-1), status: "AWAITING_USER", rev: +searchParams.get("after") };
  return { status: 200, body: JSON.stringify({ status: "success", data }) };
}

/**
 * A gateway that responds with 401 to every request without a valid token. While `isShort`, it does not hold polls, so
 * that there are many.
 */
function gateway(it) {
  const state = { valid: ["a"], isShort: false };
  it.app.provider.browser.fault = (request) => {
    if (state.valid.some((token) => request.sent.authorization === `Bearer ${token}`))
      return state.isShort && isPoll(request) ? unchanged(request) : undefined;
    return {
      status: 401,
      body: "<!doctype html><title>Unauthorized</title>",
      headers: { "Content-Type": "text/html" },
    };
  };
  return state;
}

/** Changes the token three times. `change` is a script that gives the page the new token. */
function rotate(name, prepare, headers, change) {
  let state;
  return [
    name,
    survive({
      begin: (it) => (state = gateway(it)),
      prepare,
      options: `{ headers: ${headers} }`,
      during: async (it) => {
        state.isShort = true;
        await it.user.evaluate("host.refresh()");
        for (const token of ["b", "c", "d"]) {
          state.valid.push(token);
          await it.user.evaluate(change, token);
          state.valid = [token];
          const isAccepted = ({ sent, status }) => sent.authorization === `Bearer ${token}` && status === 200;
          await until(`a poll with the token ${token}`, () => polls(it).some(isAccepted));
        }
        state.isShort = false;
      },
    }),
  ];
}

/** Moves the wall clock past the end of every session, for the page and for the module. */
const A_MONTH_LATER = `const Real = Date;
  const shift = 30 * 24 * 60 * 60 * 1000;
  window.Date = class extends Real {
    constructor(...args) { args.length > 0 ? super(...args) : super(Real.now() + shift); }
    static now() { return Real.now() + shift; }
  };`;

/** Translates the page as browsers do: every text is moved into another element. */
const TRANSLATE = `const walker = document.createTreeWalker(deep(".cr3d-view"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
  for (const text of texts) {
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    text.replaceWith(outer);
    outer.append(inner);
    inner.append(text.data + " ");
  }
  return texts.length;`;

async function translate({ user }) {
  const count = await user.evaluate(TRANSLATE);
  if (count === 0) throw new Error("there was no text");
}

/** Waits for long polls that a gateway cuts, and then for three that it lets through. */
const CUT_MS = 4_000;
async function waitForShorterPolls(it) {
  await until("a long poll that was cut", () => polls(it).some(({ status }) => status === 504), 60_000);
  await until(
    "three polls in a row that were not cut",
    () => {
      const done = polls(it)
        .filter(({ open }) => !open)
        .slice(-3);
      return done.length === 3 && done.every(({ status }) => status === 200);
    },
    90_000,
  );
}

/** The page's own requests get their responses while the element polls. */
async function expectFreeConnections({ browser }) {
  const statuses = await browser.run(
    `const own = (n) => fetch("/watch.js?own=" + n, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    return Promise.all([1, 2, 3, 4, 5, 6].map((n) => own(n).then(({ status }) => status, String)))`,
  );
  equal(statuses, [200, 200, 200, 200, 200, 200], "the page's own requests");
}

/** Cases for every engine. */
export const EVERYWHERE = [
  [
    "a session survives a wrapper of fetch for tracing, on another origin",
    survive({
      prepare: TRACING,
      options: elsewhere(""),
      during: async (it) => {
        await pollOnce(it);
        expectHeader(it, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
      },
    }),
  ],
  [
    "a session on another origin sends the page's headers",
    survive({
      options: elsewhere('headers: { Authorization: "Bearer a", "X-Tenant": "7" }'),
      during: async (it) => {
        await pollOnce(it);
        expectHeader(it, "authorization", "Bearer a");
        expectHeader(it, "x-tenant", "7");
      },
    }),
  ],
  rotate(
    "a session survives changing tokens from a function",
    "window.token = 'a'",
    "() => ({ Authorization: 'Bearer ' + token })",
    "window.token = arguments[0]",
  ),
  rotate(
    "a session survives changing tokens from an async function that is late",
    "window.token = window.next = 'a'",
    `async () => {
      const headers = { Authorization: "Bearer " + token };
      await new Promise((done) => setTimeout(done, 20));
      token = next;
      return headers;
    }`,
    "window.next = arguments[0]",
  ),
  rotate(
    "a session survives changing tokens set as a property",
    "",
    '{ Authorization: "Bearer a" }',
    'host.headers = { Authorization: "Bearer " + arguments[0] }',
  ),
  [
    "a session survives a clock that jumps",
    survive({
      during: async (it) => {
        await it.browser.run(A_MONTH_LATER);
        let left = 1;
        it.app.provider.browser.fault = (request) => (isPoll(request) && left-- > 0 ? { status: 500 } : undefined);
        await it.user.evaluate("host.refresh()");
        await until("the failure", () => left <= 0);
        await until("a poll after it", () => polls(it).at(-1).status === 200 || polls(it).at(-1).open);
        await pollOnce(it);
      },
      errors: ["server", "intermediary"],
      trouble: /Time ran out|Reconnecting|offline/,
    }),
  ],
  ["a session survives a translation of the page", survive({ during: translate })],
  [
    "a session survives a translation of the page, in plain mode",
    survive({ prepare: "delete window.WebAssembly", during: translate, errors: ["wasm"] }),
  ],
  [
    "a session survives a browser that says it is offline",
    survive({
      prepare: "Object.defineProperty(navigator, 'onLine', { get: () => false })",
      during: async (it) => {
        await it.browser.run("dispatchEvent(new Event('offline'))");
        await pollOnce(it);
      },
    }),
  ],
  [
    "a session survives a gateway that cuts long polls",
    survive({
      begin: ({ app }) =>
        (app.provider.browser.fault = (request) => (isPoll(request) ? { timeout: CUT_MS } : undefined)),
      during: waitForShorterPolls,
    }),
  ],
  [
    "a session survives a service worker that prefers the network for three seconds",
    behindWorker(
      "/caching-worker.js?wait=3000",
      survive({
        during: async (it) => {
          await until("a long poll", () => polls(it).some(({ open }) => open));
          // It has waited for a response for three seconds, and holds its connection.
          await it.browser.run("navigator.serviceWorker.onmessage = () => (window.gaveUp = true)");
          await until("the worker's time", () => it.browser.run("return window.gaveUp"));
          await expectFreeConnections(it);
        },
      }),
    ),
  ],
];
