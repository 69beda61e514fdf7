import { closeControl } from "./close.js";
import { refusesFrame } from "./policy.js";
import type { Mode, Theme } from "./types.js";

/**
 * The DOM around the view: one dialog for every mode, a row for the frame, and an empty element that the view fills
 * with everything else. The host creates all of it, because an iframe cannot be moved later.
 */
export class Shell {
  readonly dialog = document.createElement("dialog");
  /** Called by the close control while the view is missing, as during loading and in plain mode. */
  onClose: () => void = () => undefined;
  readonly #close = closeControl(() => this.onClose());
  readonly #view = document.createElement("div");
  readonly #frame = document.createElement("div");
  readonly #root: ShadowRoot;
  #remembered: [HTMLIFrameElement | null, Window | null | undefined] = [null, null];

  constructor(root: ShadowRoot) {
    this.dialog.className = "cr3d";
    this.dialog.setAttribute("part", "dialog");
    this.#view.className = "cr3d-view";
    this.#frame.className = "cr3d-frame";
    this.#frame.setAttribute("part", "frame");
    this.dialog.append(this.#view, this.#frame);
    root.append(this.dialog);
    this.#root = root;
    observe(this.dialog, this.#updateModality);
    this.dialog.addEventListener("close", this.#updateModality);
  }

  /** Opens the dialog. Closing and reopening it within one task changes the mode and keeps its iframe alive. */
  show(mode: Mode): void {
    const modal = mode === "modal";
    if (this.dialog.open) {
      if (this.dialog.dataset.mode === mode && modal === this.dialog.matches(":modal")) return;
      this.dialog.close();
    }
    this.dialog.dataset.mode = mode;
    // In a modal dialog the focus goes to the dialog itself. Its first focusable element would be the frame, which
    // swallows the Esc key.
    this.dialog.toggleAttribute("autofocus", modal);
    this.dialog.toggleAttribute("tabindex", false);
    if (modal) this.dialog.tabIndex = -1;
    // Not `show()`, which would take the focus away from what the user is doing in the page.
    this.dialog.open = true;
    this.#updateModality();
  }

  /**
   * Keeps the dialog modal only while it is rendered: a modal dialog in a hidden part of the page would still make
   * everything else inert. While hidden it is an ordinary dialog, and it becomes modal when its container is shown. The
   * change keeps the iframe alive.
   */
  readonly #updateModality = (): void => {
    const { dialog } = this;
    const wanted = dialog.open && dialog.dataset.mode === "modal";
    // For the earliest possible signal; the observer reports a little later.
    if (wanted) document.addEventListener("toggle", this.#updateModality, true);
    else document.removeEventListener("toggle", this.#updateModality, true);
    const shown = wanted && isRendered(dialog);
    if (!wanted || shown === dialog.matches(":modal")) return;
    dialog.close();
    if (shown) dialog.showModal();
    else dialog.open = true;
  };

  /** Applies the style sheet. */
  style(sheet: CSSStyleSheet): void {
    this.#root.adoptedStyleSheets = [sheet];
  }

  /** Sets the colors until the view sets them. */
  setTheme(theme: Theme = "auto", frameScheme: Theme = "light"): void {
    this.dialog.dataset.theme = theme;
    this.dialog.dataset.frameScheme = frameScheme;
  }

  /** Closes the dialog and keeps its content. */
  hide(): void {
    this.dialog.close();
  }

  /** Shows a title and a line until the view replaces them. `close` is the label of the close control. */
  showMessage(title: string, line: string, close = "Close"): void {
    this.#close.setAttribute("aria-label", close);
    // Reuses the element: screen readers often do not announce a live region that was just inserted.
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

  /** True if there is a frame. */
  get hasFrame(): boolean {
    return this.#frame.firstElementChild !== null;
  }

  /** Inserts the frame. A URL can be loaded only once, so call this once for each URL. */
  insertFrame(url: string, title: string, signal: AbortSignal): void {
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.allow = "clipboard-read; clipboard-write";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups");
    frame.referrerPolicy = "strict-origin";
    // Set before insertion: an iframe without a URL would load an empty page first.
    frame.src = url;
    this.#frame.replaceChildren(frame);
    this.rememberWindow();
    // The view that handles this may not be loaded yet. It finds the attribute when it adopts the frame.
    const { origin } = new URL(url);
    const refused = (event: SecurityPolicyViolationEvent) =>
      refusesFrame(event, origin) && frame.toggleAttribute("data-blocked", true);
    document.addEventListener("securitypolicyviolation", refused, { signal });
  }

  /** Sets the frame's accessible name. */
  nameFrame(title: string | undefined): void {
    const frame = this.#frame.querySelector("iframe");
    if (frame && title) frame.title = title;
  }

  /** Remembers the frame's current window. */
  rememberWindow(): void {
    const frame = this.#frame.querySelector("iframe");
    this.#remembered = [frame, frame?.contentWindow];
  }

  /** True if the remembered frame has another window now, which means that it was reloaded. */
  get hasNewWindow(): boolean {
    const [frame, window] = this.#remembered;
    return frame !== null && frame === this.#frame.querySelector("iframe") && frame.contentWindow !== window;
  }

  /** Removes the frame. */
  dropFrame(): void {
    this.#frame.replaceChildren();
  }

  /** Empties and closes the dialog. */
  clear(): void {
    this.#view.replaceChildren();
    this.dropFrame();
    this.hide();
  }
}

/** Returns true if the browser renders an element, or would if it were not empty. */
function isRendered(element: Element): boolean {
  return "checkVisibility" in element ? element.checkVisibility() : (element as Element).getClientRects().length > 0;
}

/**
 * Calls back when the browser starts or stops rendering an element, wherever it is in the page, hence the margin. A
 * resize observer would notice the same, but logs an error in the page whenever something moves during its callback.
 */
function observe(element: Element, onChange: () => void): void {
  try {
    new IntersectionObserver(onChange, { rootMargin: "100000px" }).observe(element);
  } catch {
    // The page has no such observer, or another object of that name: the dialog stays as it was opened.
  }
}
