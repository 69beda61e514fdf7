// Starts that something refuses, delays or blocks, and options that are invalid.
import { until } from "../project.mjs";
import { codes, equal, isCreate, openPage, signInToTheEnd, waitForTurn } from "./page.mjs";

const HTML = { "Content-Type": "text/html" };
const creates = ({ app }) => app.provider.browser.requests.filter(isCreate);
/** The time after which a server asks for another request, in seconds. */
const RETRY_AFTER = 4;

/** Records every text that is shown. */
const RECORD_TEXTS = `window.texts = new Set();
  const root = document.querySelector("cr3dentials-verify").shadowRoot;
  new MutationObserver(() => texts.add(root.querySelector(".cr3d-view")?.innerText ?? ""))
    .observe(root, { childList: true, subtree: true, characterData: true });`;

/** Responds to the first creates with `response`. */
function refuse({ app }, response, count = 1) {
  let left = count;
  app.provider.browser.fault = (request) => (isCreate(request) && left-- > 0 ? response : undefined);
}

async function start({ app, browser }, options = "{}", prepare = "") {
  await openPage(browser, app.url("/empty.html"));
  await browser.run(`${prepare}; start(${options}); ${RECORD_TEXTS}`);
}

/** A refusal that the user can only end by signing in to the partner's site again. */
function forbidden(response) {
  return async (it) => {
    refuse(it, response, Number.POSITIVE_INFINITY);
    await start(it);
    await it.user.waitForText(".cr3d-title", "You cannot start this here");
    equal(await codes(it.browser), ["forbidden"], "the errors");
    equal(await it.browser.run("return times('end')"), 0, "the number of ends");
  };
}

/** Options that are refused before anything is sent. */
const INVALID = [
  "{ platformId: 0 }",
  "{ platformId: NaN }",
  "{ platformId: -1 }",
  "{ platformId: 1.5 }",
  "{ proxyUrl: 'ftp://x' }",
];

/** Expects a link that opens the sign-in page in a tab, before the user's turn and during it. */
function expectLink(page, prepare) {
  return async (it) => {
    const { app, user, browser } = it;
    await prepare?.(it);
    await openPage(browser, app.url(page));
    await browser.run("start()");
    const visible = `const link = deep("a.cr3d-link[target=_blank]");
      return link !== null && link.getClientRects().length > 0 && /new tab/.test(link.textContent);`;
    await until("a link to a new tab", () => user.evaluate(visible));
    const id = await until("the session", () =>
      browser.run("return events.find(({ name }) => name === 'ready')?.detail.sessionId"),
    );
    await app.provider.force(id, "AWAITING_USER");
    await user.evaluate("host.refresh()");
    await waitForTurn(browser);
    await until("a link to a new tab at the user's turn", () => user.evaluate(visible));
    equal(await browser.run("return times('end')"), 0, "the number of ends");
  };
}

/** The sign-in window refuses to be shown in a frame. */
function refuseFrames({ app }) {
  const headers = { ...HTML, "X-Frame-Options": "DENY" };
  app.provider.frame.fault = ({ path }) =>
    path.startsWith("/verify/") ? { status: 200, body: "<!doctype html><title>Sign in</title>", headers } : undefined;
}

/** Cases for every engine. */
export const EVERYWHERE = [
  [
    "a 401 without an envelope at the start says that the sign-in has ended",
    forbidden({ status: 401, body: "<!doctype html><title>Unauthorized</title>", headers: HTML }),
  ],
  [
    "a redirect to a login page at the start says that the sign-in has ended",
    forbidden({ status: 302, body: "", headers: { Location: "/done.html" } }),
  ],
  [
    "a challenge page at the start never mentions the sign-in",
    async (it) => {
      refuse(it, { status: 403, body: "<!doctype html><title>One moment</title>", headers: HTML }, 2);
      await start(it);
      await waitForTurn(it.browser);
      const texts = await it.browser.run(
        "return [...texts].filter((text) => /Sign in to Harbor|Sign in on this site/.test(text))",
      );
      equal(texts, [], "texts about the sign-in");
      equal([...new Set(await codes(it.browser))], ["intermediary"], "the errors");
    },
  ],
  [
    "a create that was refused is not sent again before its Retry-After",
    async (it) => {
      const body = JSON.stringify({ status: "error", error: { code: "rate-limited", message: "slow down" } });
      const headers = { "Content-Type": "application/json", "Retry-After": `${RETRY_AFTER}` };
      refuse(it, { status: 429, body, headers });
      await start(it);
      await until("another create", () => creates(it).length > 1);
      const [first, second] = creates(it);
      if (second.at - first.at < RETRY_AFTER * 1000)
        throw new Error(`it was sent again after ${second.at - first.at} ms`);
      equal(first.sent["idempotency-key"], second.sent["idempotency-key"], "the second key");
      await waitForTurn(it.browser);
      equal(await codes(it.browser), ["rate-limited"], "the errors");
    },
  ],
  [
    "two reloads during a create repeat it with one key",
    async (it) => {
      const { browser } = it.app.provider;
      const before = (await it.app.provider.sessions()).length;
      let release;
      const hold = new Promise((done) => (release = done));
      browser.fault = (request) => (isCreate(request) ? { hold } : undefined);
      for (const count of [1, 2, 3]) {
        await start(it);
        await until("a create", () => creates(it).length === count);
      }
      release();
      await signInToTheEnd(it);
      equal(new Set(creates(it).map(({ sent }) => sent["idempotency-key"])).size, 1, "the number of keys");
      equal((await it.app.provider.sessions()).length - before, 1, "the number of sessions");
    },
  ],
  [
    "a browser that says it is offline starts all the same",
    async (it) => {
      await start(it, "{}", "Object.defineProperty(navigator, 'onLine', { get: () => false })");
      await signInToTheEnd(it);
      equal(await codes(it.browser), [], "the errors");
    },
  ],
  [
    "invalid options are reported before anything is sent",
    async (it) => {
      const { app, browser } = it;
      for (const options of INVALID) {
        await openPage(browser, app.url("/empty.html"));
        await browser.run(`start(${options})`);
        await until(`bad-options for ${options}`, async () => (await codes(browser)).join() === "bad-options");
      }
      equal(app.provider.browser.requests.length, 0, "the number of requests");
    },
  ],
  [
    "options as objects of the browser are sent with every request",
    async (it) => {
      const { app, browser } = it;
      const options = `{ proxyUrl: new URL("/api/verification", location.href),
        headers: new Headers({ "X-Tenant": "7" }) }`;
      await start(it, options);
      await signInToTheEnd(it);
      await start(it, '{ resumeKey: "other", headers: { "X-Tenant": "7", "X-Absent": undefined } }');
      await waitForTurn(browser);
      const sent = app.provider.browser.requests.filter(({ path }) => path.includes("/sessions"));
      equal(
        [...new Set(sent.map(({ sent }) => `${sent["x-tenant"]} ${sent["x-absent"]}`))],
        ["7 undefined"],
        "the headers",
      );
    },
  ],
  ["a page that requires frames to opt in offers a tab", expectLink("/isolated.html")],
  [
    "a page whose frames have no credentials offers a tab if there is no window",
    expectLink("/credentialless.html", refuseFrames),
  ],
  ["a provider that refuses to be framed leads to a tab", expectLink("/empty.html", refuseFrames)],
];
