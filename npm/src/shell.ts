import { closeControl } from "./close.js";
import { refusesFrame } from "./policy.js";
import type { Mode, Theme } from "./types.js";

/**
 * What the view is drawn into: one dialog for every mode, the frame in its own row, and an empty element that the view
 * fills with everything else. An iframe cannot be moved, so whoever comes first makes all of it, and that is the host.
 */
export class Shell {
  readonly dialog = document.createElement("dialog");
  /** Called by the close control of a dialog before the view is there, and where there is none. */
  onClose: () => void = () => undefined;
  readonly #close = closeControl(() => this.onClose());
  readonly #view = document.createElement("div");
  readonly #frame = document.createElement("div");
  readonly #root: ShadowRoot;
  #noted: [HTMLIFrameElement | null, Window | null | undefined] = [null, null];

  constructor(root: ShadowRoot) {
    this.dialog.className = "cr3d";
    this.dialog.setAttribute("part", "dialog");
    this.#view.className = "cr3d-view";
    this.#frame.className = "cr3d-frame";
    this.#frame.setAttribute("part", "frame");
    this.dialog.append(this.#view, this.#frame);
    root.append(this.dialog);
    this.#root = root;
    observe(this.dialog, this.#settle);
    this.dialog.addEventListener("close", this.#settle);
  }

  /** Opens it. Closing and opening in one task changes the mode of an open one and keeps its iframe alive. */
  show(mode: Mode): void {
    const modal = mode === "modal";
    if (this.dialog.open) {
      if (this.dialog.dataset["mode"] === mode && modal === this.dialog.matches(":modal")) return;
      this.dialog.close();
    }
    this.dialog.dataset["mode"] = mode;
    // Over the page the focus goes to the dialog itself: the first thing in it is the frame, where Esc is not ours.
    this.dialog.toggleAttribute("autofocus", modal);
    this.dialog.toggleAttribute("tabindex", false);
    if (modal) this.dialog.tabIndex = -1;
    // Not `show()`: it would take the focus away from whatever the user is doing in the page.
    this.dialog.open = true;
    this.#settle();
  }

  /**
   * Keeps a dialog over the page only while it can be seen: in a part of the page that is not shown it would still make
   * everything else inert. There it waits as an ordinary one, and goes over the page when its place is shown. The change
   * keeps the iframe alive.
   */
  readonly #settle = (): void => {
    const { dialog } = this;
    const wanted = dialog.open && dialog.dataset["mode"] === "modal";
    // As soon as it can be told. An observer tells a little later.
    if (wanted) document.addEventListener("toggle", this.#settle, true);
    else document.removeEventListener("toggle", this.#settle, true);
    const shown = wanted && isRendered(dialog);
    if (!wanted || shown === dialog.matches(":modal")) return;
    dialog.close();
    if (shown) dialog.showModal();
    else dialog.open = true;
  };

  /** Gives it its style. */
  style(sheet: CSSStyleSheet): void {
    this.#root.adoptedStyleSheets = [sheet];
  }

  /** Its colours, until the view says them. */
  dress(theme: Theme = "auto", frameScheme: Theme = "light"): void {
    this.dialog.dataset["theme"] = theme;
    this.dialog.dataset["frameScheme"] = frameScheme;
  }

  /** Closes it and keeps what is in it. */
  hide(): void {
    this.dialog.close();
  }

  /** Says a title and a line in place of the view, until the view replaces them; `close` is what the control is called. */
  say(title: string, line: string, close = "Close"): void {
    this.#close.setAttribute("aria-label", close);
    // The same element each time: a live region that has just been inserted is often not announced.
    const status = this.#view.querySelector(":scope > .cr3d-wait") ?? document.createElement("div");
    status.className = "cr3d-wait";
    status.setAttribute("role", "status");
    const paragraphs = [title, line].filter(Boolean).map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    });
    for (const other of [...this.#view.children]) if (other !== status && other !== this.#close) other.remove();
    if (this.#close.parentNode !== this.#view) this.#view.prepend(this.#close);
    if (status.parentNode !== this.#view) this.#view.append(status);
    status.replaceChildren(...paragraphs);
  }

  /** Whether the frame is there. */
  get hasFrame(): boolean {
    return this.#frame.firstElementChild !== null;
  }

  /** Puts the frame in. Its URL can be loaded once, so this is done once for each URL. */
  insertFrame(url: string, title: string, signal: AbortSignal): void {
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.allow = "clipboard-read; clipboard-write";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups");
    frame.referrerPolicy = "strict-origin";
    // Before it is inserted: an iframe without an address would load an empty page first.
    frame.src = url;
    this.#frame.replaceChildren(frame);
    this.noteWindow();
    // The view that hears of it may not be there yet. It finds the mark when it takes the frame over.
    const { origin } = new URL(url);
    const refused = (event: SecurityPolicyViolationEvent) =>
      refusesFrame(event, origin) && frame.toggleAttribute("data-blocked", true);
    document.addEventListener("securitypolicyviolation", refused, { signal });
  }

  /** Gives the frame another name for screen readers. */
  nameFrame(title: string | undefined): void {
    const frame = this.#frame.querySelector("iframe");
    if (frame && title) frame.title = title;
  }

  /** Takes note of the window that the frame has. */
  noteWindow(): void {
    const frame = this.#frame.querySelector("iframe");
    this.#noted = [frame, frame?.contentWindow];
  }

  /** Whether the frame that was noted has another window by now: it was loaded again. */
  get hasNewWindow(): boolean {
    const [frame, window] = this.#noted;
    return frame !== null && frame === this.#frame.querySelector("iframe") && frame.contentWindow !== window;
  }

  /** Takes the frame out. */
  dropFrame(): void {
    this.#frame.replaceChildren();
  }

  /** Empties and closes it. */
  clear(): void {
    this.#view.replaceChildren();
    this.dropFrame();
    this.hide();
  }
}

/** Returns whether the browser draws an element, or would if it were not empty. */
function isRendered(element: Element): boolean {
  return "checkVisibility" in element ? element.checkVisibility() : (element as Element).getClientRects().length > 0;
}

/**
 * Calls back when the browser begins or ends drawing an element, wherever that is: hence the margin. Sizes would tell the
 * same, but for an error in the page's log whenever something moves meanwhile.
 */
function observe(element: Element, onChange: () => void): void {
  try {
    new IntersectionObserver(onChange, { rootMargin: "100000px" }).observe(element);
  } catch {
    // Not in this page, or something else of that name: a dialog stays as it was opened.
  }
}
