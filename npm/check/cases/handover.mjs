// The handover from the host to a view: an element that is destroyed at once, and files that never arrive.
import { until } from "../project.mjs";
import { openWithHangingFiles } from "./shell.mjs";

const isPoll = ({ method, path }) => method === "GET" && path.includes("/sessions/");

/** An element that is destroyed by its first `cr3d-ready`. */
function destroyInFirstEvent(prepare) {
  return async ({ app, user, browser }) => {
    await browser.goto(app.url("/empty.html"));
    await until("the tag", () => browser.run("return window.defined"));
    await browser.run(`${prepare}; window.states = [];
      document.addEventListener("cr3d-ready", ({ target }) => {
        if (target.id !== "first") return;
        states.push(target.state.stage);
        target.destroy();
        states.push(target.state.stage);
      });
      start({ id: "first", resumeKey: "first" })`);
    await until("the first element's start", () => browser.run("return states.length > 1"));
    const states = await browser.run("return states");
    if (states.join() !== "live,destroyed") throw new Error(`its stages were ${states.join()}`);
    const id = await browser.run("return events.find(({ name }) => name === 'ready').detail.sessionId");
    await until("no open request", () =>
      app.provider.browser.requests.every(({ open, path }) => !open || !path.includes(id)),
    );
    const polls = () => app.provider.browser.requests.filter((it) => isPoll(it) && it.path.includes(id)).length;
    const before = polls();
    // Takes longer than the interval between two polls.
    await browser.run("window.which = '#second'; start({ id: 'second', resumeKey: 'second' })");
    await user.signIn("success");
    await until("the second element's end", () => browser.run("return times('end', 'second')"));
    if (polls() !== before) throw new Error("the first element went on polling");
    const held = await browser.run(
      "return navigator.locks.query().then(({ held }) => held.filter(({ name }) => name.includes(arguments[0])).length)",
      id,
    );
    if (held !== 0) throw new Error("the first element still holds the session's lock");
  };
}

/** Signs in on a page where some files never arrive, and waits for the end. */
function completeWithout(files, mode, options = "{}") {
  return async (it) => {
    const { user, browser } = it;
    await openWithHangingFiles(it, "/empty.html", ...files);
    await browser.run(`start(${options})`);
    await user.waitForPrompt();
    const { detail } = await until("cr3d-ready", () =>
      browser.run("return events.find(({ name }) => name === 'ready')"),
    );
    if (detail.mode !== mode) throw new Error(`the mode is ${detail.mode}`);
    await user.signIn("success");
    await until("the end", () => browser.run("return times('end')"));
    const shown = await user.evaluate('return deep(".cr3d").checkVisibility()');
    if (!shown) throw new Error("nothing is visible");
  };
}

export const HANDOVER = [
  ["an element destroyed in its first event leaves nothing behind", destroyInFirstEvent("")],
  [
    "an element destroyed in its first event in plain mode leaves nothing behind",
    destroyInFirstEvent("delete window.WebAssembly"),
  ],
  ["a view's script that never arrives leads to plain mode", completeWithout(["view.js"], "plain")],
  ["a language that never arrives leaves English", completeWithout(["de.js"], "full", "{ lang: 'de' }")],
  ["a list of languages that never arrives leaves English", completeWithout(["locale.js"], "full", "{ lang: 'de' }")],
];
