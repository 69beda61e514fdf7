// The shell around the view and the frame: the dialog, its close control and the focus.
//
// One implementation for everyone. The element's host creates a shell before anything else is loaded and passes it to
// the view, whichever that is; the Leptos component imports it. What a modal dialog does to the page behind it is in
// `page.js`, which the element loads with the styles. `src/browser/shell.rs` names every file of this folder, because
// wasm-bindgen copies only those.

import { append, listen } from "./dom.js";
import { refusesFrame } from "./policy.js";

/** @typedef {"inline" | "modal" | "bare"} Mode */

/**
 * The DOM around the view: one dialog for every mode, a row for the frame, and an empty element that the view fills with
 * everything else. It creates the frame too, because an iframe cannot be moved later.
 *
 * Showing, hiding and focusing run the page's code, such as focus handlers, which may call any method again.
 */
export class Shell {
  /** Called by the close control, and by the button after the end. */
  onClose = () => this.hide();
  /** Called before Esc or Back hides the dialog. Returns false to keep it; a browser may hide it regardless. */
  mayHide = () => true;
  /** False if Back leaves the page even while a sheet is open. */
  backButton = true;
  /** @type {import("./page.js").PageAround | undefined} Absent until `page.js` is loaded. */
  page;
  /** @type {Mode} Set it only before the dialog is shown. */
  mode = "inline";

  #shown = false;
  #unwatchFrame = () => {};

  /** @param {ShadowRoot | Element} place - The parent of the dialog. */
  constructor(place) {
    const dialog = append(place, "dialog", "cr3d", "dialog");
    this.dialog = dialog;
    // The first control in the tab order: Esc inside the frame does not reach the page.
    this.closeControl = append(dialog, "button", "cr3d-close", "close");
    this.view = append(dialog, "div", "cr3d-view");
    this.frame = append(dialog, "div", "cr3d-frame", "frame");
    this.doneButton = append(dialog, "button", "cr3d-button cr3d-done", "done");
    // Visible without styles only, which draw a cross.
    this.closeControl.textContent = "×";
    for (const control of [this.closeControl, this.doneButton]) {
      control.type = "button";
      control.onclick = () => this.onClose();
    }
    dialog.oncancel = (event) => {
      if (event.target === dialog && !this.mayHide()) event.preventDefault();
    };
    dialog.onclose = () => {
      // The event arrives late: the dialog may be open again in another mode.
      if (!dialog.open) this.#shown = false;
      this.sync();
    };
  }

  /** True while the dialog is shown. */
  get isOpen() {
    return this.dialog.open;
  }

  /** Shows the dialog. Closing and reopening it within one task changes its mode and keeps its iframe alive. */
  show() {
    const { dialog, mode } = this;
    dialog.dataset.mode = mode;
    this.#shown = true;
    if (mode !== "modal" && isModal(dialog)) dialog.close();
    // Not `show()`, which would take the focus away from what the user is doing in the page.
    if (this.#shown) dialog.open = true;
    this.sync();
  }

  /**
   * Changes the mode. A hidden dialog stays hidden.
   *
   * @param {Mode} mode
   */
  setMode(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    if (this.isOpen || mode !== "modal") this.show();
  }

  /** Hides the dialog and keeps its content. */
  hide() {
    this.#shown = false;
    this.dialog.close();
    this.sync();
  }

  /** Gives up the callbacks. */
  detach() {
    this.onClose = () => this.hide();
    this.mayHide = () => true;
  }

  /** Empties and hides the dialog. */
  clear() {
    this.detach();
    this.view.replaceChildren();
    this.dropFrame();
    this.setEnd("");
    this.hide();
  }

  /**
   * Sets the colors.
   *
   * @param {string} theme
   * @param {string} [frameScheme]
   */
  setTheme(theme, frameScheme) {
    this.dialog.dataset.theme = theme;
    if (frameScheme) this.dialog.dataset.frameScheme = frameScheme;
  }

  /**
   * Sets the language, the accessible name of the dialog, and the texts of its controls.
   *
   * @param {string} lang - A BCP 47 tag.
   * @param {string} [name]
   * @param {string} [close]
   * @param {string} [done]
   */
  setLanguage(lang, name = "Account verification", close = "Close", done = "Done") {
    this.dialog.lang = lang;
    this.dialog.dir = /^(ar|fa|he|ur)\b/.test(lang) ? "rtl" : "ltr";
    this.dialog.setAttribute("aria-label", name);
    this.closeControl.setAttribute("aria-label", close);
    this.doneButton.textContent = done;
  }

  /**
   * Sets the reason of the session's end, which shows a button that closes the dialog; empty before the end.
   *
   * @param {string} reason
   */
  setEnd(reason) {
    if (reason) this.dialog.dataset.end = reason;
    else delete this.dialog.dataset.end;
  }

  /**
   * Shows a title and a line in place of a view.
   *
   * @param {string} title
   * @param {string} line
   */
  showMessage(title, line) {
    // Reuses the elements: screen readers often do not announce a live region that was just inserted.
    let status = this.view.querySelector(":scope > .cr3d-wait");
    if (!status) {
      status = append(this.view, "div", "cr3d-wait");
      status.setAttribute("role", "status");
      append(status, "p", "cr3d-title").tabIndex = -1;
      append(status, "p", "cr3d-line");
    }
    this.#remove([...this.view.children].filter((other) => other !== status));
    const paragraphs = status.children;
    [title, line].forEach((text, at) => {
      /** @type {Element} */ (paragraphs[at]).textContent = text;
    });
  }

  /**
   * Removes elements. The focus moves from them to the title: otherwise it would be at the top of the page.
   *
   * @param {readonly Element[]} elements
   */
  #remove(elements) {
    const { activeElement } = this.root;
    for (const element of elements) {
      element.remove();
      if (element.contains(activeElement)) this.focusTitle();
    }
  }

  /** Moves the focus to the title. */
  focusTitle() {
    /** @type {HTMLElement} */ (this.dialog.querySelector(".cr3d-title") ?? this.dialog).focus();
  }

  /** The frame, if there is one. */
  get iframe() {
    return this.frame.querySelector("iframe");
  }

  /**
   * Shows `url` in a frame, which replaces the one before. A frame that shows it already stays as it is, because a URL
   * can be loaded only once.
   *
   * If the page's policy refuses the frame, the frame gets the attribute `data-blocked` and emits `blocked`. No other
   * refusal can be detected.
   *
   * @param {string} url
   * @param {string} title - The accessible name.
   */
  insertFrame(url, title) {
    const present = this.iframe;
    if (present?.getAttribute("src") === url) return present;
    this.dropFrame();
    const frame = this.frame.ownerDocument.createElement("iframe");
    frame.title = title;
    frame.allow = "clipboard-read; clipboard-write";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups");
    frame.referrerPolicy = "strict-origin";
    // Set before insertion: an iframe without a URL would load an empty page first.
    frame.src = url;
    const { origin } = new URL(url);
    this.#unwatchFrame = listen(frame.ownerDocument, "securitypolicyviolation", (event) => {
      if (!refusesFrame(/** @type {SecurityPolicyViolationEvent} */ (event), origin)) return;
      frame.toggleAttribute("data-blocked", true);
      frame.dispatchEvent(new Event("blocked"));
    });
    this.frame.append(frame);
    return frame;
  }

  /**
   * Sets the frame's accessible name.
   *
   * @param {string} title
   */
  nameFrame(title) {
    const frame = this.iframe;
    if (frame) frame.title = title;
  }

  /** Removes the frame. */
  dropFrame() {
    this.#unwatchFrame();
    this.#remove([...this.frame.children]);
    this.frame.style.removeProperty("--_wanted-height");
  }

  /** The document or the shadow root that contains the dialog. */
  get root() {
    return /** @type {Document | ShadowRoot} */ (this.dialog.getRootNode());
  }

  /**
   * Keeps the dialog modal only while it is rendered: a modal dialog in a hidden part of the page would still make
   * everything else inert. While hidden it is an ordinary dialog, and it becomes modal when its place is shown.
   */
  sync = () => {
    const { dialog } = this;
    const wanted = this.#shown && this.mode === "modal";
    const modal = wanted && isRendered(dialog);
    if (wanted && modal !== isModal(dialog)) {
      const focused = this.root.activeElement;
      dialog.close();
      // Closing moves the focus, and a focus handler of the page may have hidden the dialog.
      if (!this.#shown) return this.page?.setModal(false);
      dialog.open = !modal;
      if (modal) {
        // The dialog itself gets the focus, so that its name is announced. Its first control would be announced without
        // it, and the frame would keep the Esc key to itself.
        dialog.tabIndex = -1;
        dialog.showModal();
        const stays = focused && dialog.contains(focused) && !this.frame.contains(focused);
        if (dialog.open) /** @type {HTMLElement} */ (stays ? focused : dialog).focus({ preventScroll: true });
      }
    }
    this.page?.setModal(modal && isModal(dialog));
  };
}

/** @param {Element} element */
function isModal(element) {
  return element.matches(":modal");
}

/**
 * Returns true if the browser renders an element, or would if it were not empty.
 *
 * @param {Element} element
 */
function isRendered(element) {
  return element.checkVisibility?.() ?? element.getClientRects().length > 0;
}
