// Browsers that refuse features the element uses, and pages that replace them.

import { Cleanup, freshFolder, until } from "../project.mjs";
import { User } from "../user.mjs";
import { startBrowser } from "../webdriver.mjs";

async function openPage(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

/** Returns the codes of all errors so far. */
const codes = (browser) =>
  browser.run("return events.filter(({ name }) => name === 'error').map((it) => it.detail.code)");

/** Completes a verification in one frame. */
async function complete({ user, browser }) {
  await user.waitForPromptAndEvent();
  await user.evaluate('deep("iframe").mark = "the same"');
  await user.waitForText(".cr3d-title", "Your turn");
  if ((await user.evaluate('return deep("iframe")?.mark')) !== "the same") throw new Error("the frame was replaced");
  await user.signIn("success");
  await user.waitForText(".cr3d-title", "Verified");
  const errors = await codes(browser);
  if (errors.length > 0) throw new Error(`it emitted the errors ${errors.join()}`);
}

/** Opens a page without an element, runs `script` there, and completes a verification. */
function on(page, script = "", options = "{}") {
  return async (it) => {
    await openPage(it.browser, it.app.url(page));
    await it.browser.run(`${script}; start(${options})`);
    await complete(it);
  };
}

const REFUSES = `const no = () => Promise.reject(new DOMException("site data is blocked", "SecurityError"));
  Object.defineProperty(navigator.locks, "request", { value: no })`;
const SILENT = `Object.defineProperty(navigator.locks, "request", { value: () => new Promise(() => undefined) })`;
const THROWS = `Object.defineProperty(navigator.locks, "request", { value: () => { throw new TypeError("no") } })`;

/** Replaces the browser's classes by the page's own. */
const REPLACED = `class Other { constructor() { throw new TypeError("not here") } }
  for (const name of ["ResizeObserver", "IntersectionObserver", "Headers", "Window", "Response"]) window[name] = Other`;

/** A wrapper of the page's `fetch` that fails once in each of several ways that no browser does. */
const STRANGE = `const real = fetch;
  const failures = [
    () => Promise.reject({ status: 0 }), () => Promise.reject(undefined), () => { throw "no"; },
    () => Promise.resolve(undefined), () => Promise.resolve({ status: 200 }), () => 7,
    () => Promise.resolve(Object.create(Response.prototype)), () => Promise.resolve(new Proxy(new Response("{}"), {})),
    () => Promise.resolve({ get status() { throw new Error("no"); } }),
  ];
  window.failed = 0;
  window.fetch = (given, init) => {
    const [address, method] = [given.url ?? String(given), init?.method ?? given.method ?? "GET"];
    const failure = method === "GET" && address.includes("/sessions/") ? failures.shift() : undefined;
    if (failure) window.failed += 1;
    return failure ? failure() : real(given, init);
  }`;

/** Cases for every engine. */
export const EVERYWHERE = [
  ["with refused Web Locks the frame stays", on("/empty.html", REFUSES)],
  ["with zone.js the frame stays", on("/zone.html")],
  ["with another Promise the frame stays", on("/bluebird.html")],
  [
    "a report-only policy changes nothing",
    async (it) => {
      await it.browser.goto(it.app.url("/report-only.html"));
      await complete(it);
    },
  ],
  [
    "headers that cannot be sent are reported as bad options at once",
    async ({ app, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      await browser.run('start({ headers: { "X-User-Name": "Łukasz" } })');
      await until("bad-options", async () => (await codes(browser)).join() === "bad-options");
    },
  ],
  [
    "a focus handler may destroy the element that is being hidden",
    async ({ app, user, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      await browser.run(`document.body.insertAdjacentHTML("beforeend", "<button id=press>Verify</button>");
        start({ mode: "modal", id: "first" });
        press.onclick = () => first.open();`);
      await user.click("#press");
      await user.waitForPromptAndEvent();
      await browser.run("press.onfocus = () => first.destroy(); first.hide()");
      await until("the destroyed element", () => browser.run("return first.state.stage === 'destroyed'"));
      await browser.run("window.which = '#second'; start({ id: 'second' })");
      await user.signIn("success");
      await user.waitForText(".cr3d-title", "Verified");
      const errors = await codes(browser);
      if (errors.length > 0) throw new Error(`it emitted the errors ${errors.join()}`);
    },
  ],
  [
    "with the browser's classes replaced the frame stays",
    on("/empty.html", REPLACED, "{ headers: { 'X-Tenant': '7' } }"),
  ],
  ["with Web Locks that throw the frame stays", on("/empty.html", THROWS)],
  ["with Web Locks that never respond the frame stays", on("/empty.html", SILENT)],
  [
    "anything that the page's own fetch throws or returns is handled",
    async (it) => {
      await openPage(it.browser, it.app.url("/empty.html"));
      await it.browser.run(`${STRANGE}; start()`);
      await it.user.waitForPrompt();
      await until("every failure", () => it.user.evaluate("host.refresh(); return window.failed === 9"));
      await it.user.signIn("success");
      await it.user.waitForText(".cr3d-title", "Verified");
      const errors = await codes(it.browser);
      const unknown = errors.filter((code) => !["network", "bad-response", "intermediary"].includes(code));
      if (errors.length === 0 || unknown.length > 0) throw new Error(`it emitted the errors ${errors.join()}`);
    },
  ],
  [
    "doctor reports refused Web Locks",
    async ({ app, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      const look = `${REFUSES};
        return import("/cr3dentials-embed/doctor.js").then(({ doctor }) => doctor())
          .then((checks) => checks.find(({ name }) => name === "Web Locks"))`;
      const { ok, found } = await browser.run(look);
      if (ok !== false || !found.includes("refused")) throw new Error(`it found: ${found}`);
    },
  ],
];

/** Runs `visit` in a browser with these user settings. */
function withPrefs(engine, prefs, visit) {
  return async ({ app }) => {
    const cleanup = new Cleanup();
    try {
      const browser = await startBrowser(cleanup, engine, { prefs, folder: freshFolder("browser/prefs") });
      await visit({ app, browser, user: new User(browser) });
    } finally {
      await cleanup.run();
    }
  };
}

/** Completes a verification in a page without Web Locks. */
async function completeWithoutSiteData(it) {
  await openPage(it.browser, it.app.url("/empty.html"));
  await expectRefusedLocks(it.browser);
  await it.browser.run("start()");
  await complete(it);
}

/** Completes a verification in a page framed by a page of another site. */
async function completeInFrame({ app, browser }) {
  await browser.goto(app.url("/done.html").replace("localhost", "127.0.0.1"));
  await browser.run(
    `document.body.innerHTML = '<iframe id="partner" width="900" height="900"></iframe>';
    document.querySelector("iframe").src = arguments[0]`,
    app.url("/empty.html"),
  );
  const inside = new Inside(browser, await browser.find("#partner"));
  await until("the tag", () => inside.run("return window.defined"));
  // Chromium gives the frames of each site separate locks.
  if (browser.engine === "firefox") await expectRefusedLocks(inside);
  await inside.run("start()");
  await complete({ app, browser: inside, user: new User(inside) });
}

async function expectRefusedLocks(browser) {
  const outcome = await browser.run(
    "return navigator.locks.request('a', () => undefined).then(() => 'granted', ({ name }) => name)",
  );
  if (outcome !== "SecurityError") throw new Error(`Web Locks are ${outcome} here`);
}

/** Cases for Firefox, with the names of its settings: no cookies at all, and no third-party cookies. */
export const FIREFOX = [
  ["with blocked site data the frame stays", { "network.cookie.cookieBehavior": 2 }, completeWithoutSiteData],
  [
    "in a frame with blocked third-party cookies the frame stays",
    { "network.cookie.cookieBehavior": 1 },
    completeInFrame,
  ],
].map(([name, prefs, visit]) => [name, withPrefs("firefox", prefs, visit)]);

/** Cases for Chromium. */
export const RESTRICTED = [
  [
    "with blocked site data the frame stays",
    withPrefs("chromium", { "profile.default_content_setting_values.cookies": 2 }, completeWithoutSiteData),
  ],
  [
    "in a frame with blocked third-party cookies the frame stays",
    withPrefs(
      "chromium",
      { "profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": true },
      completeInFrame,
    ),
  ],
];

/** A browser whose top-level page is a frame of the open page. */
export class Inside {
  #browser;
  #frame;

  constructor(browser, frame) {
    this.#browser = browser;
    this.#frame = frame;
  }

  async run(script, ...args) {
    await this.enter();
    return this.#browser.run(script, ...args);
  }

  /** Returns to the page in the frame, and enters a frame inside it if one is given. */
  async enter(frame) {
    if (frame) return this.#browser.enter(frame);
    await this.#browser.enter();
    return this.#browser.enter(this.#frame);
  }

  find(selector) {
    return this.#browser.find(selector);
  }

  click(element) {
    return this.#browser.click(element);
  }

  type(element, text) {
    return this.#browser.type(element, text);
  }

  isShown(element) {
    return this.#browser.isShown(element);
  }
}
