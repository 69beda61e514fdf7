// The dialog and its page: focus, scrolling, keys, the close control, and calls before there is a view.
import { until } from "../project.mjs";
import {
  equal,
  expectSameFrame,
  isCreate,
  KEYS,
  markFrame,
  openPage,
  settle,
  signInToTheEnd,
  waitForTurn,
} from "./page.mjs";
import { openWithHangingFiles } from "./shell.mjs";

const IS_OPEN = 'return deep(".cr3d").open';
const NO_WASM = "delete window.WebAssembly;";
/** Names the element that has the focus: in the shadow root, or else in the page. */
const FOCUSED = `const inside = host?.shadowRoot?.activeElement;
  return inside ? inside.classList[0] ?? inside.localName : document.activeElement?.id || document.activeElement?.localName;`;

/** Opens a page with a button that opens the dialog of a new element. */
async function openModalPage({ app, browser }, options = "{}", before = "") {
  await openPage(browser, app.url("/empty.html"));
  await addOpener(browser, options, before);
}

async function addOpener(browser, options = "{}", before = "") {
  await browser.run(`${before}
    document.body.insertAdjacentHTML("afterbegin", "<button id=opener>Verify</button>");
    start({ mode: "modal", ...${options} });
    document.querySelector("#opener").onclick = () => document.querySelector("cr3dentials-verify").open();`);
}

/** Focuses a control like a user of the keyboard, and presses it. */
async function pressKeyOn({ user, browser }, selector) {
  await until(`focus on ${selector}`, () =>
    user.evaluate("deep(arguments[0]).focus(); return host.shadowRoot.activeElement === deep(arguments[0])", selector),
  );
  await browser.press(KEYS.enter);
}

async function expectFocus(user, expected) {
  let found;
  await until(`the focus on ${expected}`, async () => {
    found = await user.evaluate(FOCUSED);
    return found === expected;
  }).catch((error) => {
    throw new Error(`${error.message}; it is on ${found}`);
  });
}

/** Presses a control that disappears, and expects the focus on the title until it is the user's turn. */
function expectTitleAfter(selector, options, prepare = () => undefined) {
  return async (it) => {
    await prepare(it);
    await openPage(it.browser, it.app.url("/empty.html"));
    await it.browser.run(`start(${options})`);
    await pressKeyOn(it, selector);
    await expectFocus(it.user, "cr3d-title");
    await waitForTurn(it.browser);
    await expectFocus(it.user, "cr3d-title");
  };
}

/** Refuses the first create for good, so that the user has to try again. */
function refuseOnce({ app }) {
  let left = 1;
  const body = JSON.stringify({ status: "error", error: { code: "platform_inactive", message: "not now" } });
  app.provider.browser.fault = (request) => (isCreate(request) && left-- > 0 ? { status: 422, body } : undefined);
}

/** The scroll position of the page, its width, and the place of something in it. */
const LAYOUT = `const { left, width } = document.querySelector("h1").getBoundingClientRect();
  return [Math.round(scrollY), Math.round(left), Math.round(width)];`;

async function expectNoScroll({ app, user, browser }) {
  await openModalPage({ app, user, browser });
  await browser.run(`document.body.insertAdjacentHTML("beforeend", "<p style='height: 4000px'>Long</p>");
    document.querySelector("#opener").style.position = "fixed";
    scrollTo(0, 40);`);
  const before = await browser.run(LAYOUT);
  equal(before[0], 40, "the page's position");
  await user.click("#opener");
  await waitForTurn(browser);
  const [x, y] = await user.evaluate(
    'const card = deep(".cr3d").getBoundingClientRect(); return [innerWidth / 2, card.top + 20].map(Math.round)',
  );
  await browser.run(`window.inputs = 0;
    for (const name of ["wheel", "keydown"]) addEventListener(name, () => (window.inputs += 1), { capture: true })`);
  for (const [left, top] of [
    [5, 300],
    [x, y],
  ])
    await browser.wheel(left, top, 400);
  for (const key of [KEYS.pageDown, KEYS.end]) await browser.press(key);
  await until("two wheels and two keys", () => browser.run("return inputs >= 4"));
  await settle(browser);
  equal(await browser.run(LAYOUT), before, "the page behind the open dialog");
  await user.evaluate("host.hide()");
  equal(await browser.run(LAYOUT), before, "the page after the dialog");
  await browser.wheel(5, 300, 400);
  await until("the page scrolls again", () => browser.run("return scrollY > 40"));
}

/** Expects the close control to be visible and on top, presses it, and expects a hidden dialog. */
async function expectClosable({ user, browser }) {
  const isOnTop = `const control = deep(".cr3d-close");
    const box = control?.getBoundingClientRect();
    if (!box?.width) return false;
    const top = host.shadowRoot.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return control.contains(top);`;
  await until("a close control", () => user.evaluate(isOnTop));
  await user.click(".cr3d-close");
  await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
  if (await browser.run("return document.activeElement?.localName === 'cr3dentials-verify'"))
    throw new Error("the focus stays in the hidden dialog");
}

/** Holds every create until `release` is called. */
function holdCreates({ app }) {
  let release;
  const hold = new Promise((done) => (release = done));
  app.provider.browser.fault = (request) => (isCreate(request) ? { hold } : undefined);
  return release;
}

/** Ends a session in a dialog and expects the button after the end to hide it. */
function expectDone(before) {
  return async (it) => {
    const { user } = it;
    await openModalPage(it, "{}", before);
    await user.click("#opener");
    await signInToTheEnd(it);
    await user.waitForText(".cr3d-title", "Verified");
    if (await user.evaluate('return deep("iframe") !== null')) throw new Error("the frame is still there");
    await user.click(".cr3d-done");
    await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
    await user.evaluate("host.open()");
    await expectClosable(it);
  };
}

/** Records the element's state inside each event. */
const RECORD = `window.inside = [];
  for (const name of ["ready", "status", "progress", "action", "complete", "end", "error"])
    document.addEventListener("cr3d-" + name, ({ target, detail }) => inside.push([name, target.state, detail]), true);`;

function expectStates(before) {
  return async (it) => {
    await openPage(it.browser, it.app.url("/empty.html"));
    await it.browser.run(`${before} ${RECORD} start()`);
    await signInToTheEnd(it);
    const inside = await it.browser.run("return inside");
    for (const [name, state, detail] of inside) {
      // The missing module is reported before there is a session, and while there is one.
      if (name === "error" && detail.code === "wasm") continue;
      const { ended } = Object(state.stage);
      const right =
        name === "end" ? ended?.reason === "completed" : ended ? ended.reason === "completed" : state.stage === "live";
      if (!right || state.sessionId !== detail.sessionId) throw new Error(`inside ${name}: ${JSON.stringify(state)}`);
    }
    const live = inside.find(([name]) => name === "ready")[1];
    equal(live.stage, "live", "the stage inside cr3d-ready");
    equal(inside.at(-1)[0], "end", "the last event");
  };
}

/** Calls before there is a view, while the create is held. */
function beforeTheView(play) {
  return async (it) => {
    const release = holdCreates(it);
    await openModalPage(it);
    await it.user.click("#opener");
    await until("the dialog", () => it.user.evaluate(IS_OPEN));
    await until("the create", () => it.app.provider.browser.requests.some(isCreate));
    await play(it, release);
  };
}

/** Cases for every engine. */
export const EVERYWHERE = [
  [
    "the first open gives the focus to the dialog, and Esc hides it",
    async (it) => {
      const { user, browser } = it;
      await openModalPage(it);
      await browser.run("document.querySelector('#opener').focus()");
      await browser.press(KEYS.enter);
      await markFrame(user);
      await expectFocus(user, "cr3d");
      const name = await user.evaluate('return deep(".cr3d").getAttribute("aria-label")');
      if (!name) throw new Error("the dialog has no name");
      // During the sign-in it asks first.
      await browser.press(KEYS.escape);
      await user.waitForText(".cr3d-leave", "Stop verifying?");
      await browser.press(KEYS.escape);
      await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
      await expectFocus(user, "opener");
      equal(await browser.run("return times('end')"), 0, "the number of ends");
      await browser.press(KEYS.enter);
      await until("the dialog again", () => user.evaluate(IS_OPEN));
      await expectFocus(user, "cr3d");
      await expectSameFrame(user);
      await signInToTheEnd(it);
    },
  ],
  [
    "a chosen platform gives its focus to the title",
    expectTitleAfter(".cr3d-platforms button", "{ platformId: undefined }"),
  ],
  ["Start gives its focus to the title", expectTitleAfter(".cr3d-primary", "{ startScreen: true }")],
  ["Try again gives its focus to the title", expectTitleAfter(".cr3d-primary", "{}", refuseOnce)],
  ["the page behind the dialog does not scroll or move", expectNoScroll],
  [
    "a dialog can be closed before its session is created",
    beforeTheView(async (it, release) => {
      await expectClosable(it);
      release();
      await until("the session", () => it.browser.run("return times('ready')"));
      equal(await it.user.evaluate(IS_OPEN), false, "open after the view has loaded");
    }),
  ],
  [
    "a dialog can be closed after a start that failed",
    async (it) => {
      refuseOnce(it);
      await openModalPage(it);
      await it.user.click("#opener");
      await it.user.waitForText(".cr3d-title", "could not start");
      await expectClosable(it);
    },
  ],
  [
    "a dialog can be closed while no view arrives, and after both have failed",
    async (it) => {
      await openWithHangingFiles(it, "/empty.html", "view.js", "plain.js");
      await addOpener(it.browser);
      await it.user.click("#opener");
      await expectClosable(it);
      await until("the last error", () =>
        it.browser.run("return events.some(({ name, detail }) => name === 'error' && !detail.retrying)"),
      );
      await it.user.evaluate("host.open()");
      await expectClosable(it);
      await it.user.evaluate("host.open(); host.close()");
      equal(await it.user.evaluate(`return [times("end"), deep(".cr3d").open]`), [1, false], "after close()");
    },
  ],
  ["a dialog has a button that closes it after the end", expectDone("")],
  ["a dialog has a button that closes it after the end, in plain mode", expectDone(NO_WASM)],
  [
    "hide before there is a view hides at once, and the session goes on",
    beforeTheView(async (it, release) => {
      const { user } = it;
      equal(await user.evaluate(`host.hide(); ${IS_OPEN}`), false, "open after hide()");
      release();
      await until("the session", () => it.browser.run("return times('ready')"));
      equal(await user.evaluate(IS_OPEN), false, "open after the view has loaded");
      await user.evaluate("host.open()");
      await signInToTheEnd(it);
    }),
  ],
  [
    "close before there is a view ends at once and once",
    beforeTheView(async (it, release) => {
      const { user, browser } = it;
      const look = "return [times('end'), deep('.cr3d').open, host.state.stage.ended?.reason]";
      equal(await user.evaluate(`host.close(); host.close(); ${look}`), [1, false, "closed"], "after close()");
      release();
      await until("no open request", () => it.app.provider.browser.requests.every(({ open }) => !open));
      // Another element with a whole verification takes longer than anything the first one may still do.
      await browser.run("window.which = '#second'; start({ id: 'second', resumeKey: 'second' })");
      await user.signIn("success");
      await until("the second end", () => browser.run("return times('end', 'second')"));
      const names = await browser.run("return events.filter(({ from }) => from !== 'second').map(({ name }) => name)");
      equal(names, ["end"], "the first element's events");
    }),
  ],
  ["the state is right inside every event", expectStates("")],
  ["the state is right inside every event, in plain mode", expectStates(NO_WASM)],
];
