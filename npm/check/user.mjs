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
  evaluate(script, ...args) {
    return this.browser.run(`${DEEP} ${script}`, ...args);
  }

  text(selector) {
    return this.evaluate("return deep(arguments[0])?.textContent.trim() ?? null", selector);
  }

  async waitForText(selector, text) {
    let found;
    const look = async () => {
      found = await this.text(selector);
      return found?.includes(text);
    };
    await until(`“${text}” in ${selector}`, look).catch((error) => {
      throw new Error(`${error.message}; it says “${found}”`);
    });
  }

  async click(selector) {
    await until(`a click on ${selector}`, async () => {
      await this.browser.click(await this.evaluate("return deep(arguments[0])", selector));
      return true;
    });
  }

  /** Enters the sign-in window once it shows `field`. */
  async enterFrameAt(field) {
    await until(`${field} in the frame`, async () => {
      await this.browser.enter();
      const frame = await this.evaluate('return deep(".cr3d-frame iframe")');
      if (!frame) return false;
      await this.browser.enter(frame);
      return this.browser.isShown(await this.browser.find(field));
    });
  }

  /** Waits for the sign-in prompt. */
  async waitForPrompt() {
    await this.enterFrameAt("#username");
    await this.browser.enter();
  }

  /** Waits for the sign-in prompt and for the page to receive the event. Needs a page with `watch.js`. */
  async waitForPromptAndEvent() {
    await this.waitForPrompt();
    await until("cr3d-action", () => this.browser.run("return times('action')"));
  }

  async signIn(name) {
    const { browser } = this;
    await this.enterFrameAt("#username");
    await this.type("#username", name);
    await this.type("#password", "sandbox");
    await browser.click(await browser.find("#sign-in"));
    await browser.enter();
  }

  async cancel() {
    await this.enterFrameAt("#cancel");
    await this.browser.click(await this.browser.find("#cancel"));
    await this.browser.enter();
  }

  /** Types into an empty field. */
  async type(selector, text) {
    await this.browser.type(await this.browser.find(selector), text);
  }
}
