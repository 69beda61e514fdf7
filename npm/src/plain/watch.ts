// Browser signals of the page and of the iframe.
import { refusesFrame } from "../policy.js";
import type { FrameNews, PageNews } from "./protocol.js";

/** Reports changes of the page's state until `signal` aborts, beginning with its current state. */
export function watchPage(onNews: (news: PageNews) => void, signal: AbortSignal): void {
  const listen = (target: EventTarget, name: string, news: (event: Event) => PageNews | undefined) => {
    const heard = (event: Event) => {
      const found = news(event);
      if (found) onNews(found);
    };
    target.addEventListener(name, heard, { signal });
  };
  const visibility = () => (document.visibilityState === "hidden" ? "hidden" : "visible");
  listen(document, "visibilitychange", visibility);
  listen(document, "freeze", () => "frozen");
  listen(document, "resume", () => "restored");
  listen(window, "pagehide", () => "frozen");
  listen(window, "pageshow", (event) => ((event as PageTransitionEvent).persisted ? "restored" : undefined));
  listen(window, "online", () => "online");
  listen(window, "offline", () => "offline");
  if (visibility() === "hidden") onNews("hidden");
  if (navigator.onLine === false) onNews("offline");
}

/** Reports signals of the iframe that shows `url` until `signal` aborts. */
export function watchFrame(
  frame: HTMLIFrameElement,
  url: string,
  onNews: (news: FrameNews) => void,
  signal: AbortSignal,
): void {
  const { origin } = new URL(url);
  frame.addEventListener("load", () => onNews("loaded"), { signal });
  const message = (event: MessageEvent) => {
    if (isFrom(event, frame, origin)) onNews("hint");
  };
  window.addEventListener("message", message, { signal });
  const violation = (event: SecurityPolicyViolationEvent) => {
    if (refusesFrame(event, origin)) onNews("cspBlocked");
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
