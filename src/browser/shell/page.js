// The effects of a dialog and the page around it on each other. The element's host loads it together with the styles, before
// which no dialog is shown.

import { BackEntry } from "./back.js";
import { listen, quietly } from "./dom.js";

/** @typedef {Window & typeof globalThis} PageWindow */
/** @typedef {import("./shell.js").Shell} Shell */

/** Events that a modal dialog keeps to itself: to the page's other dialogs they would be clicks outside of them. */
const KEPT_EVENTS = ["pointerdown", "mousedown", "touchstart", "click", "focusin"];

/**
 * The page around a shell's dialog: what the dialog does to it while it is modal, and what happens in it that concerns
 * the dialog.
 */
export class PageAround {
  #shell;
  #back;
  /** @type {(() => void)[]} Undoes what a modal dialog does; empty while it is not modal. */
  #undo = [];
  /** @type {(() => void)[]} */
  #stopObserving = [];
  /** @type {Element | null} The element in the dialog that has the focus, or had it when it was removed. */
  #focused = null;
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** @type {Window | null | undefined} The window of that frame when it was inserted. */
  #frameWindow;

  /** @param {Shell} shell */
  constructor(shell) {
    this.#shell = shell;
    this.#back = new BackEntry(() => hideOnBack(shell));
    const { dialog } = shell;
    dialog.addEventListener("focusin", ({ target }) => {
      this.#focused = /** @type {Element} */ (target);
    });
    // A removed element loses the focus too: only afterwards can the two be told apart.
    dialog.addEventListener("focusout", () => queueMicrotask(() => this.#forgetFocused()));
  }

  /** Observes the parts of the dialog, and whether the browser renders it. Again after a move to another document. */
  observe() {
    const { dialog, sync } = this.#shell;
    const window = windowOf(dialog);
    this.setModal(false);
    this.#rememberFrame();
    for (const stop of this.#stopObserving) stop();
    this.#stopObserving = [];
    quietly(() => {
      const observer = new window.MutationObserver(() => {
        this.#rescueFocus();
        this.#rememberFrame();
      });
      observer.observe(dialog, { childList: true, subtree: true });
      this.#stopObserving.push(() => observer.disconnect());
    });
    // Without this observer, a dialog stays as it was opened. The margin includes every place in the page. A resize
    // observer would do as well, but logs an error in the page whenever something moves meanwhile.
    quietly(() => {
      const observer = new window.IntersectionObserver(sync, { rootMargin: "100000px" });
      observer.observe(dialog);
      this.#stopObserving.push(() => observer.disconnect());
    });
  }

  /**
   * The dialog has become modal, or is no longer. May be called repeatedly.
   *
   * @param {boolean} modal
   */
  setModal(modal) {
    if (modal === this.#undo.length > 0) return;
    if (!modal) {
      const actions = this.#undo;
      this.#undo = [];
      for (const action of actions) action();
      return;
    }
    const { dialog, sync, backButton } = this.#shell;
    const window = windowOf(dialog);
    // An app of Leptos, which has no shadow root here, may handle its clicks at the window.
    const kept = this.#shell.root === window.document ? KEPT_EVENTS.filter((name) => name !== "click") : KEPT_EVENTS;
    this.#undo = [
      lockScroll(window),
      followViewport(dialog, window),
      // Reports earlier than the observer that the dialog's container was hidden.
      listen(window.document, "toggle", sync, true),
      listen(window, "keydown", (event) => keepEscape(/** @type {KeyboardEvent} */ (event), dialog), true),
      ...kept.map((name) => listen(dialog, name, (event) => event.stopPropagation())),
      () => this.#back.leave(),
    ];
    if (backButton) this.#back.enter(window);
  }

  /** True if the frame has another window than before, which means that the browser has loaded it again. */
  get hasNewWindow() {
    const frame = this.#frame;
    return frame !== null && frame === this.#shell.iframe && frame.contentWindow !== this.#frameWindow;
  }

  /**
   * Moves the focus to the element that `selector` matches, once the view has drawn it.
   *
   * @param {string} selector
   */
  focusSoon(selector) {
    setTimeout(() => /** @type {HTMLElement | null} */ (this.#shell.dialog.querySelector(selector))?.focus());
  }

  #rememberFrame() {
    const frame = this.#shell.iframe;
    if (frame === this.#frame) return;
    this.#frame = frame;
    this.#frameWindow = frame?.contentWindow;
  }

  #forgetFocused() {
    const { dialog, root } = this.#shell;
    if (dialog.contains(this.#focused) && this.#focused !== root.activeElement) this.#focused = null;
  }

  /** Moves the focus to the title if the element that had it was removed: otherwise it is at the top of the page. */
  #rescueFocus() {
    const { dialog, root, isOpen } = this.#shell;
    if (!this.#focused || dialog.contains(this.#focused)) return;
    this.#focused = null;
    const { activeElement } = root;
    if (isOpen && (activeElement === null || activeElement.localName === "body")) this.#shell.focusTitle();
  }
}

/** @param {Element} element */
function windowOf(element) {
  return element.ownerDocument.defaultView ?? window;
}

/**
 * Hides the dialog because of Back. Returns false if it stays.
 *
 * @param {Shell} shell
 */
function hideOnBack(shell) {
  const hides = shell.mayHide();
  if (hides) shell.hide();
  return hides;
}

/**
 * Keeps Esc from the page's other dialogs, which would close too. The browser closes this one regardless.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} dialog
 */
function keepEscape(event, dialog) {
  if (event.key === "Escape" && event.composedPath().includes(dialog)) event.stopPropagation();
}

/** @type {WeakMap<Document, { count: number, unlock: () => void }>} */
const scrollLocks = new WeakMap();

/**
 * Keeps the page from scrolling. Returns a function that ends this. No style of the page is changed.
 *
 * @param {PageWindow} window
 */
function lockScroll(window) {
  const lock = scrollLocks.get(window.document) ?? { count: 0, unlock: () => {} };
  scrollLocks.set(window.document, lock);
  if (lock.count === 0) lock.unlock = adoptLock(window);
  lock.count += 1;
  return () => {
    lock.count -= 1;
    if (lock.count === 0) lock.unlock();
  };
}

/**
 * Adopts a style sheet that keeps the page from scrolling. Returns a function that removes it.
 *
 * @param {PageWindow} window
 */
function adoptLock({ document, CSSStyleSheet, innerWidth }) {
  try {
    const sheet = new CSSStyleSheet();
    // A scroll bar that takes space leaves the space behind, so that nothing moves.
    const gutter = innerWidth > document.documentElement.clientWidth ? "scrollbar-gutter: stable" : "";
    sheet.replaceSync(`:root { overflow: hidden !important; ${gutter} }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = [...document.adoptedStyleSheets].filter((other) => other !== sheet);
    };
  } catch {
    // The page has replaced what this needs, and scrolls.
    return () => {};
  }
}

/**
 * Fits a sheet to the visible part of the page, above the soft keyboard. Returns a function that ends this.
 *
 * @param {HTMLElement} dialog
 * @param {PageWindow} window
 */
function followViewport(dialog, window) {
  const viewport = window.visualViewport;
  if (!viewport) return () => {};
  const fit = () => {
    // A user who has zoomed in wants to see a part of the page.
    if (Math.abs(viewport.scale - 1) >= 0.01) return;
    dialog.style.setProperty("--_seen", `${viewport.height}px`);
    dialog.style.setProperty("--_above", `${viewport.offsetTop}px`);
  };
  fit();
  const stops = ["resize", "scroll"].map((name) => listen(viewport, name, fit));
  return () => {
    for (const stop of stops) stop();
  };
}
