import { listen, quietly } from "./dom.js";

/** @typedef {import("./page.js").PageWindow} PageWindow */

/** The media query under which the dialog is a sheet that fills the screen; the same as in `style/component.css`. */
const SHEET = "(max-width: 480px), (max-height: 480px)";

/**
 * The state of the last entry in each history. The browser returns this same object until something navigates.
 *
 * @type {WeakMap<History, unknown>}
 */
const lastStates = new WeakMap();

/**
 * An entry in the page's history while a sheet is open, so that Back hides the sheet instead of leaving the page. A
 * browser that closes dialogs by Back itself needs none.
 *
 * It is never left by going back, since the page may be navigating. An entry that is no longer needed loses its mark
 * and stays: it takes one more press of Back, and the next sheet uses it again.
 */
export class BackEntry {
  #onBack;
  #stop = () => {};

  /** @param {() => boolean} onBack - Called after the user went back. Returns false to keep the entry. */
  constructor(onBack) {
    this.#onBack = onBack;
  }

  /**
   * Adds the entry while the dialog is a sheet.
   *
   * @param {PageWindow} window
   */
  enter(window) {
    if ("CloseWatcher" in window || !isSheet(window)) return;
    const { history } = window;
    this.#write(history, true);
    const { length } = history;
    this.#stop = listen(window, "popstate", () => {
      if (this.#isCurrent(history)) return;
      this.#stop();
      // The page has added an entry: that is no way back.
      if (history.length <= length && !this.#onBack()) this.enter(window);
    });
    this.#leave = () => {
      if (this.#isCurrent(history)) this.#write(history, false);
    };
  }

  /** Gives the entry up. */
  leave() {
    this.#stop();
    this.#leave();
  }

  #leave = () => {};

  /** @param {History} history */
  #isCurrent(history) {
    return lastStates.has(history) && history.state === lastStates.get(history);
  }

  /**
   * Sets or removes the mark, in a new entry unless this one is still the current one.
   *
   * @param {History} history
   * @param {boolean} marked
   */
  #write(history, marked) {
    // The page's router finds its own state in the entry.
    const { cr3d: _, ...state } = history.state ?? {};
    // A browser limits how often a page may do this.
    quietly(() => {
      history[this.#isCurrent(history) ? "replaceState" : "pushState"](marked ? { ...state, cr3d: true } : state, "");
      lastStates.set(history, history.state);
    });
  }
}

/** @param {PageWindow} window */
function isSheet(window) {
  try {
    return window.matchMedia(SHEET).matches;
  } catch {
    return false;
  }
}
