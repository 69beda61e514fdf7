import type { DetailByName, EventName } from "./types.js";

/** Dispatches a bubbling, composed `cr3d-<name>` event on `target`. */
export function emit<Name extends EventName>(target: EventTarget, name: Name, detail: DetailByName[Name]): void {
  target.dispatchEvent(new CustomEvent(`cr3d-${name}`, { detail, bubbles: true, composed: true }));
}
