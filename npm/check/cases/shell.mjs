// The dialog and the card in parts of a page that are hidden, narrow or inert.
import { until } from "../project.mjs";

const IS_MODAL = 'return deep(".cr3d").matches(":modal")';
const ENDS = "return events.filter(({ name }) => name === 'end').length";

async function openPage(browser, url) {
  await browser.goto(url);
  await until("the tag", () => browser.run("return window.defined"));
}

/** Puts a closed dialog into `place`, an element of the page, next to a button that counts its clicks. */
async function startIn(browser, app, place) {
  await openPage(browser, app.url("/empty.html"));
  await browser.run(
    `document.querySelector("main").outerHTML = arguments[0];
    document.body.insertAdjacentHTML("beforeend", "<button id=beside onclick='window.pressed = (window.pressed ?? 0) + 1'>Other</button>");
    start({ mode: "modal" });`,
    place,
  );
}

async function expectUsable(user, browser) {
  const before = (await browser.run("return window.pressed")) ?? 0;
  await user.click("#beside");
  if ((await browser.run("return window.pressed")) !== before + 1)
    throw new Error("the page around the dialog is inert");
}

/** Returns the widths of the card, of its window, and of the available space. */
const WIDTHS = `const [card, frame] = [deep(".cr3d"), deep(".cr3d-frame iframe")].map((it) => it.getBoundingClientRect());
  return [card.width, frame.width, document.documentElement.clientWidth, document.documentElement.scrollWidth];`;

/** Containers that are as wide as their content. */
const PLACES = {
  "a dialog": ["", '<dialog open style="position: fixed"><main></main></dialog>'],
  "a popover": ["document.querySelector('#place').showPopover()", '<div popover id="place"><main></main></div>'],
  "the middle of a flexible box": [
    "",
    '<main style="display: flex; justify-content: center; align-items: center"></main>',
  ],
  "the middle of a grid": ["", '<main style="display: grid; place-items: center"></main>'],
  "a cell of a table": ["", "<table><tr><td><main></main></td></tr></table>"],
  "an inline block": ["", '<main style="display: inline-block"></main>'],
  "a float": ["", '<main style="float: left"></main>'],
  "a box that fits its contents": ["", '<main style="width: fit-content"></main>'],
};

/** Cases for every engine. */
export const EVERYWHERE = [
  [
    "a dialog in a hidden container keeps the page usable, and appears with the container",
    async ({ app, user, browser }) => {
      await startIn(browser, app, '<section id="place" hidden><main></main></section>');
      await user.evaluate("host.open()");
      await until("a session", () => browser.run("return events.length > 0"));
      await expectUsable(user, browser);
      await browser.run("place.hidden = false");
      await until("the modal dialog", () => user.evaluate(IS_MODAL));
      await user.waitForPromptAndEvent();
      await user.evaluate('deep("iframe").mark = "the same"; place.hidden = true');
      await until("no modal dialog", async () => !(await user.evaluate(IS_MODAL)));
      await expectUsable(user, browser);
      await browser.run("place.hidden = false");
      await until("the dialog again", () => user.evaluate(IS_MODAL));
      if ((await user.evaluate('return deep("iframe").mark')) !== "the same") throw new Error("the frame was replaced");
      await user.signIn("success");
      await until("the end", () => browser.run(ENDS));
    },
  ],
  [
    "a dialog in content that is not rendered keeps the page usable",
    async ({ app, user, browser }) => {
      await startIn(browser, app, '<section id="place"><main></main></section>');
      await user.evaluate("host.open()");
      await user.waitForPromptAndEvent();
      if (!(await browser.run("return CSS.supports('content-visibility: hidden')"))) return;
      await browser.run("place.style.contentVisibility = 'hidden'");
      await until("no modal dialog", async () => !(await user.evaluate(IS_MODAL)));
      await expectUsable(user, browser);
      await browser.run("place.style.contentVisibility = 'visible'");
      await until("the dialog again", () => user.evaluate(IS_MODAL));
    },
  ],
  [
    "a dialog in closed details keeps the page usable",
    async ({ app, user, browser }) => {
      await startIn(browser, app, '<details id="place" open><summary>More</summary><main></main></details>');
      await user.evaluate("host.open()");
      await until("the modal dialog", () => user.evaluate(IS_MODAL));
      await user.waitForPromptAndEvent();
      await browser.run("place.open = false");
      await until("no modal dialog", async () => !(await user.evaluate(IS_MODAL)));
      await expectUsable(user, browser);
      await browser.run("place.open = true");
      await until("the dialog again", () => user.evaluate(IS_MODAL));
    },
  ],
  [
    "a dialog in a popover that closes keeps the page usable",
    async ({ app, user, browser }) => {
      await startIn(browser, app, '<section id="place" popover="manual"><main></main></section>');
      await browser.run("place.showPopover()");
      await user.evaluate("host.open()");
      await until("the modal dialog", () => user.evaluate(IS_MODAL));
      await browser.run("place.hidePopover()");
      await until("no modal dialog", async () => !(await user.evaluate(IS_MODAL)));
      await expectUsable(user, browser);
      await browser.run("place.showPopover()");
      await until("the dialog again", () => user.evaluate(IS_MODAL));
      await user.signIn("success");
      await until("the end", () => browser.run(ENDS));
    },
  ],
  [
    "a dialog receives clicks where the page disables them",
    async ({ app, user, browser }) => {
      await startIn(browser, app, "<main></main>");
      await browser.run("document.body.style.pointerEvents = 'none'");
      await user.evaluate("host.open()");
      await user.waitForPromptAndEvent();
      await user.click(".cr3d-close");
      await user.waitForText(".cr3d-leave", "Stop verifying?");
    },
  ],
  [
    "a hidden element is not displayed",
    async ({ app, user, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      await browser.run("start()");
      await user.waitForPromptAndEvent();
      await user.evaluate("host.hidden = true");
      const height = await user.evaluate("return host.getBoundingClientRect().height");
      if (height !== 0) throw new Error(`it is ${height} px high`);
    },
  ],
  [
    "the card is usable in containers as wide as their content",
    async ({ app, user, browser }) => {
      for (const [name, [show, place]] of Object.entries(PLACES)) {
        // Each on its own page, because moving an element reloads its frame.
        for (const width of ["320px", "1000px"]) {
          await browser.goto(app.url("/done.html"));
          await browser.run(
            `document.body.innerHTML = '<iframe id="narrow" height="800" style="border: 0"></iframe>';
            narrow.style.width = arguments[1]; narrow.src = arguments[0]`,
            app.url("/empty.html"),
            width,
          );
          await browser.enter(await browser.find("#narrow"));
          await until("the tag", () => browser.run("return window.defined"));
          await browser.run(
            `document.querySelector("main").outerHTML = arguments[0]; ${show}; start({ startScreen: true })`,
            place,
          );
          await until("the card", () => user.evaluate('return deep(".cr3d-button")?.checkVisibility()'));
          await user.evaluate(`const frame = deep(".cr3d-frame").appendChild(document.createElement("iframe"));
            frame.srcdoc = "<p>Sign in</p>"`);
          const [card, frame, room, content] = await user.evaluate(WIDTHS);
          const least = Math.min(room - 48, 320);
          if (card < least || frame < least - 4)
            throw new Error(`in ${name} of ${width} the card is ${card} px wide, its window ${frame}`);
          if (content > room)
            throw new Error(`in ${name} of ${width} the page is ${content} px wide and has room for ${room}`);
          await browser.enter();
        }
      }
    },
  ],
];

/** Emulates a phone in portrait orientation, until the tab is closed. */
export async function emulatePhone(browser) {
  const metrics = { width: 390, height: 844, deviceScaleFactor: 2, mobile: true };
  await browser.devtools("Emulation.setDeviceMetricsOverride", metrics);
}

/** Opens a page where these files never arrive. */
export async function openWithHangingFiles({ app, browser }, page, ...names) {
  const query = names.map((name) => `file=${name}`).join("&");
  await browser.goto(app.url(page));
  await browser.run(
    `navigator.serviceWorker.register("/hangs.js?${query}", { scope: arguments[0] }).then((it) => (window.worker = it))`,
    `${page}?${query}`,
  );
  await until("the service worker", () => browser.run("return window.worker?.active?.state === 'activated'"));
  await openPage(browser, app.url(`${page}?${query}`));
  const stands = await browser.run("return navigator.serviceWorker.controller !== null");
  if (!stands) throw new Error("the service worker does not control the page");
}

const IS_OPEN = 'return deep(".cr3d").open';

async function closeSheet(user) {
  await user.click(".cr3d-close");
  await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
}

/** Cases for Chromium. */
export const SHELL = [
  [
    "a sheet in plain mode can be closed, also after the end",
    async ({ app, user, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      await emulatePhone(browser);
      await browser.run(
        "delete window.WebAssembly; start({ mode: 'modal' }); document.querySelector('cr3dentials-verify').open()",
      );
      await user.waitForPromptAndEvent();
      await closeSheet(user);
      if (await browser.run(ENDS)) throw new Error("closing the sheet ended the session");
      await user.evaluate("host.open()");
      await user.signIn("success");
      await user.waitForText(".cr3d-wait", "Verified");
      await closeSheet(user);
    },
  ],
  [
    "a sheet can be closed while it loads",
    async (it) => {
      const { user, browser } = it;
      await openWithHangingFiles(it, "/empty.html", "cr3dentials_embed_bg.wasm");
      await emulatePhone(browser);
      await browser.run("start({ mode: 'modal' }); document.querySelector('cr3dentials-verify').open()");
      await user.waitForPrompt();
      await closeSheet(user);
    },
  ],
  [
    "starting again after a choice shows the picker",
    async ({ app, user, browser }) => {
      await openPage(browser, app.url("/empty.html"));
      await browser.run("start({ platformId: undefined })");
      await user.click(".cr3d-platforms button");
      await user.waitForPromptAndEvent();
      await user.evaluate("host.startAgain()");
      await user.waitForText(".cr3d-title", "Which account");
      await until("the list", () => user.evaluate('return deep(".cr3d-platforms button") !== null'));
      const frames = await user.evaluate('return host.shadowRoot.querySelectorAll("iframe").length');
      if (frames !== 0) throw new Error("a session started by itself");
    },
  ],
];
