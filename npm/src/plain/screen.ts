import type { Texts } from "../locale.js";
import type { Shell } from "../shell.js";
import type { HostAction, PlainView } from "./protocol.js";
import type { Choice } from "./responses.js";
import { count, fill, isRtl, type Names, statusText } from "./texts.js";

/** The platforms to choose from; `undefined` while they are loading. */
export type Offer = readonly Choice[] | "failed" | undefined;

/** The actions of the screen's controls. */
export interface Actions {
  act(action: HostAction): void;
  /** Starts with this platform, or with the one of the options. */
  begin(platformId?: number): void;
  /** Loads the platforms. */
  offer(): void;
}

/** The input of a screen update. */
export interface ViewState {
  readonly view: PlainView;
  readonly texts: Texts;
  readonly partner: string | undefined;
  readonly byClick: boolean;
  readonly offer: Offer;
}

/** One status message, with the controls below it. Only what has changed is updated. */
export class Screen {
  readonly #shell: Pick<Shell, "dialog" | "showMessage">;
  readonly #actions: Actions;
  #message = "";
  #shown = "";
  #texts: Texts | undefined;
  #extras: HTMLElement[] = [];

  constructor(shell: Pick<Shell, "dialog" | "showMessage">, actions: Actions) {
    this.#shell = shell;
    this.#actions = actions;
  }

  draw(state: ViewState): void {
    const { view, texts } = state;
    const names = { partner: state.partner, platform: view.platform?.displayName };
    const [title, line] = statusText(view, state.byClick).map((key) => fill(texts, names, key));
    const { connection, retrySecs } = view;
    const soon = connection === "busy" && retrySecs !== null && count(texts, "tryingAgain", retrySecs);
    const message = JSON.stringify([title, soon || line, texts.lang]);
    const changed = message !== this.#message;
    if (changed) this.#shell.showMessage(title ?? "", soon || (line ?? ""), fill(texts, {}, "close"));
    const shown = JSON.stringify([view.stage, view.window, view.frame, view.minutesLeft, view.stalled, state.offer]);
    // A new message empties the container, so the controls are inserted again.
    if (shown !== this.#shown || texts !== this.#texts) this.#replace(this.#extrasOf(state, names));
    else if (changed) this.#replace(this.#extras);
    [this.#message, this.#shown, this.#texts] = [message, shown, texts];
  }

  /** Sets the language, text direction and accessible name of the dialog. */
  setLanguage(texts: Texts): void {
    this.#shell.dialog.setAttribute("aria-label", fill(texts, {}, "frameTitle"));
    this.#shell.dialog.setAttribute("lang", texts.lang);
    this.#shell.dialog.setAttribute("dir", isRtl(texts.lang) ? "rtl" : "ltr");
  }

  /**
   * Moves the focus from a removed frame to the message that explains it, not to a button that a key press would
   * trigger.
   */
  focus(): void {
    const status = this.#container?.querySelector<HTMLElement>("[role=status]");
    status?.setAttribute("tabindex", "-1");
    status?.focus();
  }

  clear(): void {
    this.#replace([]);
  }

  get #container(): HTMLElement | null {
    return this.#shell.dialog.querySelector<HTMLElement>(":scope > .cr3d-view");
  }

  #replace(extras: HTMLElement[]): void {
    for (const extra of this.#extras) extra.remove();
    this.#container?.append(...extras);
    this.#extras = extras;
  }

  #extrasOf({ view, texts, byClick, offer }: ViewState, names: Names): HTMLElement[] {
    const text = (key: string) => fill(texts, names, key);
    const button = (key: string, action: () => void) => [
      make("p", "cr3d-actions", make("button", "cr3d-button cr3d-primary", text(key), action)),
    ];
    const startAgain = () => this.#actions.act("startAgain");
    const { stage } = view;
    if (typeof stage === "object" && "notStarted" in stage) {
      return button("tryAgain", () => this.#actions.act("refresh"));
    }
    if (typeof stage === "object") {
      const { reason, code } = stage.ended;
      if (reason === "completed" || reason === "partial") return [];
      const shown = code ? [make("p", "cr3d-code", make("code", "", code))] : [];
      return [...shown, ...button(reason === "failed" ? "tryAgain" : "startAgain", startAgain)];
    }
    if (stage === "idle") {
      if (byClick) return button("start", () => this.#actions.begin());
      if (offer === "failed") return button("tryAgain", () => this.#actions.offer());
      return offer ? choices(offer, text, this.#actions) : [];
    }
    const extras: HTMLElement[] = [];
    if (view.minutesLeft !== null) {
      extras.push(make("p", "cr3d-notice", `${count(texts, "minutesLeft", view.minutesLeft)} ${text("expiring")}`));
    }
    if (view.window !== null) {
      const link = make("a", "cr3d-link", text("newTab"));
      link.href = view.window;
      link.target = "_blank";
      link.rel = "noopener";
      extras.push(make("p", "cr3d-notice", view.frame === "blocked" ? "" : `${text("nothingThere")} `, link));
    }
    if (view.stalled || view.frame === "unavailable") extras.push(...button("startAgain", startAgain));
    return extras;
  }
}

function choices(offer: readonly Choice[], text: (key: string) => string, actions: Actions): HTMLElement[] {
  if (offer.length === 0) return [make("p", "cr3d-empty", `${text("noPlatforms.title")} ${text("noPlatforms.line")}`)];
  const active = offer.filter((choice) => choice.isActive);
  const items = active.map(({ id, displayName }) => {
    const name = make("span", "cr3d-platform-name", displayName);
    return make(
      "li",
      "",
      make("button", "cr3d-platform", name, () => actions.begin(id)),
    );
  });
  return [make("div", "cr3d-picker", make("ul", "cr3d-platforms", ...items))];
}

/** Creates an element with children. A function among them becomes its click handler. */
function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...inside: (Node | string | (() => void))[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (tag === "button") element.setAttribute("type", "button");
  for (const part of inside) {
    if (typeof part === "function") element.addEventListener("click", part);
    else element.append(part);
  }
  return element;
}
