// Browsers that refuse what the element would use, and pages that have replaced it: what the user has in them.
import { Person } from "../person.mjs";
import { Cleanup, freshFolder, until } from "../project.mjs";
import { startBrowser } from "../webdriver.mjs";

async function opens(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

/** The codes of all errors so far. */
const codes = (browser) => browser.run("return events.filter(({ name }) => name === 'error').map((it) => it.detail.code)");

/** The whole way, in one frame. */
async function completes({ person, browser }) {
  await person.isAskedAndToldSo();
  await person.look('deep("iframe").mark = "the same"');
  await person.sees(".cr3d-title", "Your turn");
  if ((await person.look('return deep("iframe")?.mark')) !== "the same") throw new Error("the frame was taken away");
  await person.signsIn("success");
  await person.sees(".cr3d-title", "Verified");
  const told = await codes(browser);
  if (told.length > 0) throw new Error(`it said ${told.join()}`);
}

/** Starts on a page without an element, after `script` has run there. */
function on(page, script = "") {
  return async (it) => {
    await opens(it.browser, it.app.url(page));
    await it.browser.run(`${script}; start()`);
    await completes(it);
  };
}

const REFUSES = `const no = () => Promise.reject(new DOMException("site data is blocked", "SecurityError"));
  Object.defineProperty(navigator.locks, "request", { value: no })`;
const SILENT = `Object.defineProperty(navigator.locks, "request", { value: () => new Promise(() => undefined) })`;
const THROWS = `Object.defineProperty(navigator.locks, "request", { value: () => { throw new TypeError("no") } })`;

/** In every engine. */
export const EVERYWHERE = [
  ["where Web Locks are refused the frame stays", on("/empty.html", REFUSES)],
  ["on a page with zone.js the frame stays", on("/zone.html")],
  ["on a page with another Promise the frame stays", on("/bluebird.html")],
  [
    "a policy that only reports changes nothing",
    async (it) => {
      await it.browser.goto(it.app.url("/report-only.html"));
      await completes(it);
    },
  ],
  [
    "headers that cannot be sent are bad options at once",
    async ({ app, browser }) => {
      await opens(browser, app.url("/empty.html"));
      await browser.run('start({ headers: { "X-User-Name": "Łukasz" } })');
      await until("bad-options", async () => (await codes(browser)).join() === "bad-options");
    },
  ],
  [
    "a focus handler may destroy the element that hides",
    async ({ app, person, browser }) => {
      await opens(browser, app.url("/empty.html"));
      await browser.run(`document.body.insertAdjacentHTML("beforeend", "<button id=press>Verify</button>");
        start({ mode: "modal", id: "first" });
        press.onclick = () => first.open();`);
      await person.clicks("#press");
      await person.isAskedAndToldSo();
      await browser.run("press.onfocus = () => first.destroy(); first.hide()");
      await until("no element under way", () => browser.run("return first.state.stage === 'destroyed'"));
      await browser.run("window.which = '#second'; start({ id: 'second' })");
      await person.signsIn("success");
      await person.sees(".cr3d-title", "Verified");
      const told = await codes(browser);
      if (told.length > 0) throw new Error(`it said ${told.join()}`);
    },
  ],
];

/** A wrapper of the page's `fetch` that fails in ways no browser does, each of them once. */
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
    if (failure) failed += 1;
    return failure ? failure() : real(given, init);
  }`;

/** The whole way in a browser whose user has set this. */
function withPrefs(engine, prefs, visit) {
  return async ({ app }) => {
    const cleanup = new Cleanup();
    try {
      const browser = await startBrowser(cleanup, engine, { prefs, folder: freshFolder("browser/prefs") });
      await visit({ app, browser, person: new Person(browser) });
    } finally {
      await cleanup.run();
    }
  };
}

/** The whole way in a page that does without Web Locks. */
async function withoutSiteData(it) {
  await opens(it.browser, it.app.url("/empty.html"));
  await areRefused(it.browser);
  await it.browser.run("start()");
  await completes(it);
}

/** The whole way in a page that a page of another site frames. */
async function framedByAnother({ app, browser }) {
  await browser.goto(app.url("/done.html").replace("localhost", "127.0.0.1"));
  await browser.run(`document.body.innerHTML = '<iframe id="partner" width="900" height="900"></iframe>';
    document.querySelector("iframe").src = arguments[0]`, app.url("/empty.html"));
  const inside = new Inside(browser, await browser.find("#partner"));
  await until("the tag", () => inside.run("return window.defined"));
  // Chromium gives each site's frames locks of their own.
  if (browser.engine === "firefox") await areRefused(inside);
  await inside.run("start()");
  await completes({ app, browser: inside, person: new Person(inside) });
}

async function areRefused(browser) {
  const outcome = await browser.run(
    "return navigator.locks.request('a', () => undefined).then(() => 'granted', ({ name }) => name)",
  );
  if (outcome !== "SecurityError") throw new Error(`Web Locks are ${outcome} here`);
}

/** In Firefox, by the names of its settings: no cookies at all, and none of other sites. */
export const FIREFOX = [
  ["where the user blocks site data the frame stays", { "network.cookie.cookieBehavior": 2 }, withoutSiteData],
  ["framed by another site whose cookies are blocked the frame stays", { "network.cookie.cookieBehavior": 1 }, framedByAnother],
].map(([name, prefs, visit]) => [name, withPrefs("firefox", prefs, visit)]);

/** Classes of the page's own making in the place of the browser's. */
const REPLACED = `class Other { constructor() { throw new TypeError("not here") } }
  for (const name of ["ResizeObserver", "IntersectionObserver", "Headers", "Window", "Response"]) window[name] = Other`;

/** In Chromium. */
export const RESTRICTED = [
  ["where the page has replaced the browser's classes the frame stays", on("/empty.html", REPLACED)],
  ["where Web Locks throw the frame stays", on("/empty.html", THROWS)],
  ["where Web Locks never respond the frame stays", on("/empty.html", SILENT)],
  [
    "where the user blocks site data the frame stays",
    withPrefs("chromium", { "profile.default_content_setting_values.cookies": 2 }, withoutSiteData),
  ],
  [
    "framed by another site, where third-party cookies are blocked, the frame stays",
    withPrefs(
      "chromium",
      { "profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": true },
      framedByAnother,
    ),
  ],
  [
    "whatever the page's own fetch throws or returns, it goes on",
    async (it) => {
      await opens(it.browser, it.app.url("/empty.html"));
      await it.browser.run(`${STRANGE}; start()`);
      await it.person.isAsked();
      await until("every failure", () => it.person.look("host.refresh(); return failed === 9"));
      await it.person.signsIn("success");
      await it.person.sees(".cr3d-title", "Verified");
      const told = await codes(it.browser);
      const unknown = told.filter((code) => !["network", "bad-response", "server"].includes(code));
      if (told.length === 0 || unknown.length > 0) throw new Error(`it said ${told.join()}`);
    },
  ],
  [
    "doctor says when Web Locks are refused",
    async ({ app, browser }) => {
      await opens(browser, app.url("/empty.html"));
      const look = `${REFUSES};
        return import("/cr3dentials-embed/doctor.js").then(({ doctor }) => doctor())
          .then((checks) => checks.find(({ name }) => name === "Web Locks"))`;
      const { ok, found } = await browser.run(look);
      if (ok !== false || !found.includes("refused")) throw new Error(`it found: ${found}`);
    },
  ],
];

/** A browser whose top page is a frame of the one that is open. */
class Inside {
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

  /** Back to the page in the frame; from there into a frame of its own. */
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
