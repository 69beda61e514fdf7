import type { PlainShell } from "./host.js";
import type { PlainMode } from "./mode.js";
import { isStalled } from "./session.js";
import { LABELS, statusText, textOf } from "./texts.js";

/** Returns a function that draws the status with the controls below it, unless they are there already. */
export function screenOf(shell: PlainShell, mode: PlainMode): () => void {
  let drawn = "";
  return () => {
    const { stage, frame, choices, end } = mode;
    const texts = statusText(mode);
    const drawing = JSON.stringify([texts, stage, choices, frame.link]);
    // A control that the user is about to press is not replaced.
    if (drawing === drawn) return;
    drawn = drawing;
    // Replaces everything in the view.
    shell.showMessage(...texts);
    shell.view.append(...controlsOf(mode));
    shell.setEnd(end?.reason ?? "");
  };
}

function controlsOf(mode: PlainMode): HTMLElement[] {
  const { stage, session, frame, choices, end } = mode;
  const text = (key: keyof typeof LABELS) => textOf(mode.strings, key, LABELS[key]);
  const button = (key: keyof typeof LABELS, onclick: () => void) => [
    buttonOf("cr3d-button cr3d-primary", text(key), onclick),
  ];
  const startAgain = () => button("startAgain", () => mode.startAgain());
  if (stage === "idle" && mode.isByClick) return button("start", () => mode.pick());
  if (stage === "refused") return button("tryAgain", () => mode.refresh());
  if (choices)
    return choices.map((choice) => buttonOf("cr3d-platform", choice.displayName, () => mode.pick(choice.id)));
  if (end?.code) return [make("p", "cr3d-code", make("code", "", end.code)), ...startAgain()];
  if (end) return end.reason === "completed" || end.reason === "partial" ? [] : startAgain();
  if ((session && isStalled(session)) || frame.state === "unavailable") return startAgain();
  if (!frame.link) return [];
  const link = make("a", "cr3d-link", text("newTab"));
  return [make("p", "cr3d-notice", Object.assign(link, { href: frame.link, target: "_blank", rel: "noopener" }))];
}

function buttonOf(className: string, text: string, onclick: () => void): HTMLElement {
  return make("p", "cr3d-actions", Object.assign(make("button", className, text), { type: "button", onclick }));
}

function make(tag: string, className: string, child: Node | string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(child);
  return element;
}
