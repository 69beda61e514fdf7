// Browser signals of the page and of the iframe.
import { refusesFrame } from "../policy.js";
import type { FrameSignal, PageSignal } from "./protocol.js";

/** Reports changes of the page's state until `signal` aborts, beginning with its current state. */
export function watchPage(onSignal: (signal: PageSignal) => void, signal: AbortSignal): void {
  const listen = (target: EventTarget, name: string, toSignal: (event: Event) => PageSignal | undefined) => {
    const listener = (event: Event) => {
      const found = toSignal(event);
      if (found) onSignal(found);
    };
    target.addEventListener(name, listener, { signal });
  };
  const visibility = () => (document.visibilityState === "hidden" ? "hidden" : "visible");
  listen(document, "visibilitychange", visibility);
  listen(document, "freeze", () => "frozen");
  listen(document, "resume", () => "restored");
  listen(window, "pagehide", () => "frozen");
  listen(window, "pageshow", (event) => ((event as PageTransitionEvent).persisted ? "restored" : undefined));
  listen(window, "online", () => "online");
  listen(window, "offline", () => "offline");
  if (visibility() === "hidden") onSignal("hidden");
  if (navigator.onLine === false) onSignal("offline");
}

/** Reports signals of the iframe that shows `url` until `signal` aborts. */
export function watchFrame(
  frame: HTMLIFrameElement,
  url: string,
  onSignal: (signal: FrameSignal) => void,
  signal: AbortSignal,
): void {
  const { origin } = new URL(url);
  frame.addEventListener("load", () => onSignal("loaded"), { signal });
  const message = (event: MessageEvent) => {
    if (isFrom(event, frame, origin)) onSignal("hint");
  };
  window.addEventListener("message", message, { signal });
  const violation = (event: SecurityPolicyViolationEvent) => {
    if (refusesFrame(event, origin)) onSignal("cspBlocked");
  };
  document.addEventListener("securitypolicyviolation", violation, { signal });
}

/**
 * Returns true if a message comes from the frame's own window and its exact origin, and was sent by the browser. Its
 * content is never read. A removed frame has no window and a synthetic event has no source: null never matches null.
 */
export function isFrom(
  event: Pick<MessageEvent, "isTrusted" | "origin" | "source">,
  frame: Pick<HTMLIFrameElement, "contentWindow">,
  origin: string,
): boolean {
  return event.isTrusted && event.origin === origin && event.source !== null && event.source === frame.contentWindow;
}
