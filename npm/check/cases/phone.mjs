// The sheet on a phone and the page's own navigation: the page stays where it navigated to.
import { until } from "../project.mjs";
import { equal, expectSameFrame, markFrame, openPage, settle, signInToTheEnd, waitForTurn } from "./page.mjs";
import { emulatePhone } from "./shell.mjs";

const WHERE =
  "return [location.pathname, document.querySelector('#route')?.textContent, sessionStorage.traversals ?? '']";

/** Records every traversal of the history by a script, also of a page that is left. */
const SPY = `for (const name of ["back", "go", "forward"]) {
    const real = History.prototype[name];
    History.prototype[name] = function (...args) {
      sessionStorage.traversals = (sessionStorage.traversals ?? "") + name + "(" + args + ") ";
      return real.apply(this, args);
    };
  }`;
/** Makes the browser one that does not close dialogs by Back itself. */
const NO_WATCHER = "delete window.CloseWatcher;";

const IS_OPEN = 'return deep(".cr3d").open';

/** Runs a case in a window so small that the dialog is a sheet. */
function onPhone(play) {
  return async (it) => {
    const { browser } = it;
    if (browser.engine === "chromium") {
      await emulatePhone(browser);
      return play(it);
    }
    const before = await browser.command("GET", "/window/rect");
    await browser.command("POST", "/window/rect", { width: 460, height: 540 });
    try {
      return await play(it);
    } finally {
      await browser.command("POST", "/window/rect", before);
    }
  };
}

function expectToStay(router, how, before = "") {
  return onPhone(async ({ app, user, browser }) => {
    await browser.goto(app.url(`/router-${router}.html?how=${encodeURIComponent(how)}`));
    await until("the tag", () => browser.run("return window.defined"));
    await browser.run(`delete sessionStorage.traversals; ${before} ${SPY}`);
    await user.click("#opener");
    await user.signIn("success");
    await until("the next route", () => browser.run("return document.querySelector('#route') !== null"));
    // Pending changes of the history are finished then.
    await settle(browser);
    const [path, shown, traversals] = await browser.run(WHERE);
    if (!path.endsWith("/done") && path !== "/done.html") throw new Error(`the page is back at ${path}`);
    if (shown !== "done") throw new Error(`the page shows ${shown}`);
    if (traversals) throw new Error(`the history was traversed by ${traversals}`);
  });
}

/** Opens a sheet in a browser without CloseWatcher. */
async function openSheet({ app, user, browser }, options = "{}") {
  await openPage(browser, app.url("/empty.html"));
  await browser.run(`${NO_WATCHER} start({ mode: "modal", ...${options} })`);
  const before = await browser.run("return history.length");
  await user.evaluate("host.open()");
  await waitForTurn(browser);
  return before;
}

const WAYS = ["replaced", "pushed", "removed, pushed", "hidden, pushed", "hidden, assigned"];

/** Each way with each router. */
function byRouter(suffix, before) {
  return ["vue", "react"].flatMap((router) =>
    WAYS.map((how) => [
      `a page that navigates by ${router}-router (${how}) stays there${suffix}`,
      expectToStay(router, how, before),
    ]),
  );
}

/** Cases for every engine. */
export const EVERYWHERE = [
  ...byRouter(", without CloseWatcher", NO_WATCHER),
  [
    "Back hides a sheet and neither leaves the page nor ends the session",
    onPhone(async (it) => {
      const { user, browser } = it;
      await openSheet(it);
      await markFrame(user);
      // During the sign-in it asks first.
      await browser.run("setTimeout(() => history.back())");
      await user.waitForText(".cr3d-leave", "Stop verifying?");
      await browser.run("setTimeout(() => history.back())");
      await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
      equal(await browser.run("return [location.pathname, times('end')]"), ["/empty.html", 0], "the page and the ends");
      await user.evaluate("host.open()");
      await expectSameFrame(user);
      await signInToTheEnd(it);
    }),
  ],
  [
    "a sheet without back-button leaves the history as it is",
    onPhone(async (it) => {
      const before = await openSheet(it, "{ backButton: false }");
      equal(await it.browser.run("return history.length"), before, "the length of the history");
    }),
  ],
];

/** Cases for Chromium, which closes dialogs by Back itself. */
export const PHONE = byRouter("", "");
