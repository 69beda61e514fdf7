import { concernsFrame } from "../../../src/browser/shell/policy.js";
import { within } from "../sleep.js";
import type { Finding } from "./check.js";

/** Timeout for acquiring a free lock, in milliseconds. */
const LOCK_MS = 2_000;

const TAG = "cr3dentials-verify";

/** The package's version, set by the build. */
declare const __VERSION__: string | undefined;

const fine = (found: string): Finding => ({ ok: true, found, advice: "" });

/** Reports the package's version and whether the tag is defined. */
export function versions(): Finding {
  const version = typeof __VERSION__ === "string" ? __VERSION__ : undefined;
  const defined = globalThis.customElements?.get(TAG) ? "is defined" : "is not defined (yet)";
  const found = `cr3dentials-embed ${version ?? "(unknown version)"}; <${TAG}> ${defined}`;
  return { ok: version === undefined ? "unknown" : true, found, advice: "" };
}

/** Checks that the page is a secure context. */
export function secureContext(): Finding {
  if (globalThis.isSecureContext === undefined) return { ok: "unknown", found: "Not running in a page", advice: "" };
  if (globalThis.isSecureContext) return fine("The page is a secure context");
  const advice = "Serve the page over https, or from localhost. Otherwise Web Locks are not available.";
  return { ok: false, found: "The page is not a secure context", advice };
}

/** Checks that the browser has WebAssembly and that the page's policy allows it. */
export function webAssembly(): Finding {
  if (typeof WebAssembly === "undefined") {
    const advice = "Lockdown Mode and some hardened browsers disable it. The user can allow it for this site.";
    return { ok: false, found: "This browser has no WebAssembly", advice };
  }
  try {
    // The shortest valid module.
    new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    return fine("WebAssembly runs, so script-src allows it");
  } catch (error) {
    const advice = "Add 'wasm-unsafe-eval' to script-src in the page's policy. 'unsafe-eval' is not needed.";
    return { ok: false, found: `The page does not allow WebAssembly: ${String(error)}`, advice };
  }
}

/** Checks that the element's styles work without `unsafe-inline`. */
export function constructedSheets(): Finding {
  if (typeof document === "undefined") return { ok: "unknown", found: "Not running in a page", advice: "" };
  const there = "adoptedStyleSheets" in document && "replaceSync" in (globalThis.CSSStyleSheet?.prototype ?? {});
  if (there) return fine("Style sheets can be constructed, so style-src needs no 'unsafe-inline'");
  const advice = "The element needs Chrome or Edge 111, Firefox 114, Safari 16.4, or later.";
  return { ok: false, found: "This browser has no constructed style sheets", advice };
}

/** Checks that a reloaded page can resume its session. */
export function sessionStore(): Finding {
  const key = "cr3d:doctor";
  try {
    const storage = globalThis.sessionStorage;
    if (!storage) return { ok: "unknown", found: "Not running in a page", advice: "" };
    storage.setItem(key, "1");
    storage.removeItem(key);
    return fine("sessionStorage works, so a reloaded page can resume its session");
  } catch (error) {
    const advice = "The element works, but a reload starts a new session. A sandboxed page needs allow-same-origin.";
    return { ok: false, found: `sessionStorage does not work: ${String(error)}`, advice };
  }
}

/** Checks that tabs can agree on which one shows a session and which one polls. */
export async function webLocks(signal: AbortSignal): Promise<Finding> {
  if (typeof document === "undefined") return { ok: "unknown", found: "Not running in a page", advice: "" };
  const locks = globalThis.navigator?.locks;
  if (locks) {
    try {
      // In some places the object exists but every request is refused, so a request is the only test.
      await within(
        locks.request("cr3d-doctor", { ifAvailable: true }, () => undefined),
        LOCK_MS,
        signal,
      );
      return fine("Web Locks work, so tabs share the connections to the proxy");
    } catch (error) {
      const advice =
        "Site data is blocked, often in pages framed by another site. The element works, but tabs cannot coordinate.";
      return { ok: false, found: `Web Locks are refused: ${String(error)}`, advice };
    }
  }
  const advice =
    "Serve the page over https. Without Web Locks each tab polls on its own, and many tabs slow each other.";
  return { ok: false, found: "Web Locks are not available", advice };
}

/** Checks that the page's policy allows a frame of `frameOrigin`. Only its root path is loaded, and no script runs. */
export async function framing(frameOrigin: string | undefined, signal: AbortSignal): Promise<Finding> {
  if (frameOrigin === undefined) {
    const advice = "Pass the origin of your embed URLs to doctor as frameOrigin.";
    return { ok: "unknown", found: "Not checked, because frameOrigin is not set", advice };
  }
  if (typeof document === "undefined") return { ok: "unknown", found: "Not running in a page", advice: "" };
  // The origin alone: the rest may be a single-use URL.
  const { origin } = new URL(frameOrigin);
  if (origin === "null") {
    return { ok: "unknown", found: "frameOrigin is not an origin", advice: "Pass one such as https://frame.example." };
  }
  const blocked = await tryFrame(origin, signal);
  const source = `Add ${origin} to frame-src in the page's Content-Security-Policy.`;
  if (blocked?.disposition === "report") {
    return { ok: true, found: `A report-only policy would refuse ${origin}`, advice: source };
  }
  if (blocked)
    return { ok: false, found: `The page's ${blocked.effectiveDirective} refuses ${origin}`, advice: source };
  if (globalThis.crossOriginIsolated) {
    const advice = "Its Cross-Origin-Embedder-Policy may block the provider's frame. Try without it.";
    return { ok: "unknown", found: "The page's policy allows it, but the page is cross-origin isolated", advice };
  }
  return fine(`The page's policy allows ${origin}; whether that origin allows framing cannot be checked from here`);
}

/** Inserts a hidden frame, removes it again, and returns the policy violation if the page refused it. */
function tryFrame(origin: string, signal: AbortSignal): Promise<SecurityPolicyViolationEvent | undefined> {
  const frame = document.createElement("iframe");
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout>;
    const refused = (event: SecurityPolicyViolationEvent) => {
      if (concernsFrame(event, origin)) done(event);
    };
    const done = (event?: SecurityPolicyViolationEvent) => {
      clearTimeout(timer);
      document.removeEventListener("securitypolicyviolation", refused);
      frame.remove();
      resolve(event);
    };
    document.addEventListener("securitypolicyviolation", refused);
    signal.addEventListener("abort", () => done());
    const doneIn = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(done, ms);
    };
    // A policy refuses before any request is sent, so there is no need to wait for a slow origin.
    doneIn(2_000);
    // A refused frame emits `load` too, and the violation may be reported a little later.
    frame.addEventListener("load", () => doneIn(200));
    frame.hidden = true;
    frame.tabIndex = -1;
    frame.title = "Connection check";
    frame.setAttribute("sandbox", "");
    frame.referrerPolicy = "no-referrer";
    frame.src = `${origin}/`;
    document.body.append(frame);
  });
}
