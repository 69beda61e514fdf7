// The actions and observations of a user on a page with the element.
import { until } from "./project.mjs";

/**
 * Finds an element in the page or in the shadow root of the first element, or of the one selected by `window.which`.
 */
const DEEP = `const host = document.querySelector(window.which ?? "cr3dentials-verify");
  const deep = (selector) => document.querySelector(selector) ?? host?.shadowRoot?.querySelector(selector) ?? null;`;

export class User {
  constructor(browser) {
    this.browser = browser;
  }

  /** Runs a function body in the page, which may use `deep(selector)` and `host`, the element. */
  look(script, ...args) {
    return this.browser.run(`${DEEP} ${script}`, ...args);
  }

  text(selector) {
    return this.look("return deep(arguments[0])?.textContent.trim() ?? null", selector);
  }

  async sees(selector, text) {
    let found;
    const look = async () => {
      found = await this.text(selector);
      return found?.includes(text);
    };
    await until(`“${text}” in ${selector}`, look).catch((error) => {
      throw new Error(`${error.message}; it says “${found}”`);
    });
  }

  async clicks(selector) {
    await until(`a click on ${selector}`, async () => {
      await this.browser.click(await this.look("return deep(arguments[0])", selector));
      return true;
    });
  }

  /** Enters the sign-in window once it shows `field`. */
  async entersFrameAt(field) {
    await until(`${field} in the frame`, async () => {
      await this.browser.enter();
      const frame = await this.look('return deep(".cr3d-frame iframe")');
      if (!frame) return false;
      await this.browser.enter(frame);
      return this.browser.isShown(await this.browser.find(field));
    });
  }

  /** Waits for the sign-in prompt. */
  async seesPrompt() {
    await this.entersFrameAt("#username");
    await this.browser.enter();
  }

  /** Waits for the sign-in prompt and for the page to receive the event. Needs a page with `watch.js`. */
  async seesPromptAndEvent() {
    await this.seesPrompt();
    await until("cr3d-action", () => this.browser.run("return times('action')"));
  }

  async signsIn(name) {
    const { browser } = this;
    await this.entersFrameAt("#username");
    await this.types("#username", name);
    await this.types("#password", "sandbox");
    await browser.click(await browser.find("#sign-in"));
    await browser.enter();
  }

  async cancels() {
    await this.entersFrameAt("#cancel");
    await this.browser.click(await this.browser.find("#cancel"));
    await this.browser.enter();
  }

  /** Types into an empty field. */
  async types(selector, text) {
    await this.browser.type(await this.browser.find(selector), text);
  }
}
