// The frame's name, announcements, motion, direction and parts of the view.
import { until } from "../project.mjs";

/** Returns the names of the running animations of the element. */
const MOVING = `return host.shadowRoot.getAnimations().filter(({ playState }) => playState === "running")
  .map((one) => one.animationName ?? one.transitionProperty);`;

/** Emulates the device's setting for reduced motion, until the tab is closed. */
async function reduceMotion(browser) {
  const features = [{ name: "prefers-reduced-motion", value: "reduce" }];
  await browser.devtools("Emulation.setEmulatedMedia", { features });
  await until("reduced motion", () => browser.run("return matchMedia('(prefers-reduced-motion: reduce)').matches"));
}

export const VIEW = [
  [
    "the frame has an accessible name",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPrompt();
      const title = await user.evaluate('return deep("iframe").title');
      if (!title) throw new Error("the iframe has no title");
      const { nodes } = await browser.devtools("Accessibility.getFullAXTree", {});
      const names = nodes.filter(({ role }) => role?.value === "Iframe").map(({ name }) => name?.value);
      if (!names.includes(title)) throw new Error(`a screen reader announces ${names.join()}`);
    },
  ],
  [
    "the status is shown around the frame and announced by screen readers",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await user.waitForText(".cr3d-title", "Your turn");
      await browser.run(`const announced = (window.announced = new Set());
      const host = document.querySelector("cr3dentials-verify");
      const live = () => host.shadowRoot.querySelectorAll("[aria-live=polite], [role=status]");
      const look = () => live().forEach((region) => region.textContent.trim() && announced.add(region.textContent.trim()));
      new MutationObserver(look).observe(host.shadowRoot, { childList: true, subtree: true, characterData: true });`);
      await user.signIn("success");
      await user.waitForText(".cr3d-title", "Verified");
      await until("the end in a live region", () =>
        browser.run("return [...announced].some((text) => text.includes('Verified'))"),
      );
    },
  ],
  [
    "nothing moves with reduced motion",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await app.provider.force(await browser.run("return events[0].detail.sessionId"), "CONNECTED");
      await user.waitForText(".cr3d-title", "Opening");
      const others = await user.evaluate(MOVING);
      if (!others.includes("cr3d-turn")) throw new Error(`without reduced motion these move: ${others.join()}`);
      await reduceMotion(browser);
      const moving = await user.evaluate(MOVING);
      if (moving.length > 0) throw new Error(`these move: ${moving.join()}`);
    },
  ],
  [
    "a dialog opens without motion with reduced motion",
    async ({ app, user, browser }) => {
      const opened = `host.hide(); host.open(); ${MOVING}`;
      await browser.goto(app.url("/modal.html"));
      await until("the tag", () => browser.run("return customElements.get('cr3dentials-verify') !== undefined"));
      await user.click("#opener");
      await user.waitForPromptAndEvent();
      const others = await user.evaluate(opened);
      if (!others.includes("cr3d-appear")) throw new Error(`without reduced motion these move: ${others.join()}`);
      await reduceMotion(browser);
      const moving = await user.evaluate(opened);
      if (moving.length > 0) throw new Error(`these move: ${moving.join()}`);
    },
  ],
  [
    "a language written from right to left has that layout",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/empty.html"));
      await until("the tag", () => browser.run("return window.defined"));
      await browser.run("document.documentElement.lang = 'ar'; start()");
      await user.waitForPromptAndEvent();
      const direction = await user.evaluate('return getComputedStyle(deep(".cr3d-title")).direction');
      const title = await user.text(".cr3d-title");
      if (direction !== "rtl" || !/[\u0600-\u06ff]/.test(title)) throw new Error(`“${title}” is laid out ${direction}`);
    },
  ],
  [
    "its parts can be styled by the page",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPrompt();
      await browser.run(`const sheet = new CSSStyleSheet();
      sheet.replaceSync("cr3dentials-verify::part(dialog) { border-radius: 3px } cr3dentials-verify { --cr3d-accent: rgb(1, 2, 3) }");
      document.adoptedStyleSheets = [sheet];`);
      const [radius, accent] = await user.evaluate(
        'const style = getComputedStyle(deep(".cr3d")); return [style.borderTopLeftRadius, style.getPropertyValue("--cr3d-accent")]',
      );
      if (radius !== "3px" || accent.trim() !== "rgb(1, 2, 3)")
        throw new Error(`the radius is ${radius}, the accent ${accent}`);
    },
  ],
];
