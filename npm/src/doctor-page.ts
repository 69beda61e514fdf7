import type { Finding } from "./doctor.js";
import { concernsFrame } from "./policy.js";
import { within } from "./sleep.js";

/** The longest time that a lock which no one holds may take. */
const LOCK_MS = 2_000;

const TAG = "cr3dentials-verify";

/** Put in when the package is built. */
declare const __VERSION__: string | undefined;

const fine = (found: string): Finding => ({ ok: true, found, advice: "" });

/** Which package this is, and whether the tag is defined. */
export function versions(): Finding {
  const version = typeof __VERSION__ === "string" ? __VERSION__ : undefined;
  const defined = globalThis.customElements?.get(TAG) ? "is defined" : "is not defined (yet)";
  const found = `cr3dentials-embed ${version ?? "of no known version"}; <${TAG}> ${defined}`;
  return { ok: version === undefined ? "unknown" : true, found, advice: "" };
}

/** Whether the page is one that browsers trust. */
export function secureContext(): Finding {
  if (globalThis.isSecureContext === undefined) return { ok: "unknown", found: "This is not a page", advice: "" };
  if (globalThis.isSecureContext) return fine("The page is a secure context");
  const advice = "Serve the page by https, or from localhost. Without it there are no Web Locks.";
  return { ok: false, found: "The page is not a secure context", advice };
}

/** Whether there is WebAssembly, and the page's policy lets it run. */
export function webAssembly(): Finding {
  if (typeof WebAssembly === "undefined") {
    const advice = "Lockdown Mode and some hardened browsers switch it off. The user can allow it for this site.";
    return { ok: false, found: "This browser has no WebAssembly", advice };
  }
  try {
    // The shortest module there is.
    new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    return fine("WebAssembly runs, so script-src allows it");
  } catch (error) {
    const advice = "Add 'wasm-unsafe-eval' to script-src in the page's policy. 'unsafe-eval' is not needed.";
    return { ok: false, found: `The page does not let WebAssembly run: ${String(error)}`, advice };
  }
}

/** Whether the element's styles work without `unsafe-inline`. */
export function constructedSheets(): Finding {
  if (typeof document === "undefined") return { ok: "unknown", found: "This is not a page", advice: "" };
  const there = "adoptedStyleSheets" in document && "replaceSync" in (globalThis.CSSStyleSheet?.prototype ?? {});
  if (there) return fine("Style sheets can be constructed, so style-src needs no 'unsafe-inline'");
  const advice = "The element needs Chrome or Edge 111, Firefox 114, Safari 16.4, or later.";
  return { ok: false, found: "This browser has no constructed style sheets", advice };
}

/** Whether a reloaded page can go on. */
export function sessionStore(): Finding {
  const key = "cr3d:doctor";
  try {
    const storage = globalThis.sessionStorage;
    if (!storage) return { ok: "unknown", found: "This is not a page", advice: "" };
    storage.setItem(key, "1");
    storage.removeItem(key);
    return fine("sessionStorage works, so a reloaded page can go on");
  } catch (error) {
    const advice = "Everything else works; a reload starts a new session. A sandboxed page needs allow-same-origin.";
    return { ok: false, found: `sessionStorage does not work: ${String(error)}`, advice };
  }
}

/** Reports whether tabs can agree on who shows a session and who holds a request. */
export async function webLocks(signal: AbortSignal): Promise<Finding> {
  if (typeof document === "undefined") return { ok: "unknown", found: "This is not a page", advice: "" };
  const locks = globalThis.navigator?.locks;
  if (locks) {
    try {
      // The object is there in places where no request is granted: only a request tells.
      await within(locks.request("cr3d-doctor", { ifAvailable: true }, () => undefined), LOCK_MS, signal);
      return fine("Web Locks work, so tabs share the connections to the proxy");
    } catch (error) {
      const advice = "Site data is blocked, often for pages framed by another site. The element works; tabs are on their own.";
      return { ok: false, found: `Web Locks are refused: ${String(error)}`, advice };
    }
  }
  const advice = "Serve the page by https. Without them each page holds a request, and many tabs slow each other.";
  return { ok: false, found: "There are no Web Locks", advice };
}

/** Whether the page's policy lets a frame of `frameOrigin` in. Only its empty path is loaded, and no script runs. */
export async function framing(frameOrigin: string | undefined, signal: AbortSignal): Promise<Finding> {
  if (frameOrigin === undefined) {
    const advice = "Give doctor the origin of your embed URLs as frameOrigin.";
    return { ok: "unknown", found: "Not tried, since it is not known what would be framed", advice };
  }
  if (typeof document === "undefined") return { ok: "unknown", found: "This is not a page", advice: "" };
  // The origin alone: whatever else was given may be for one use.
  const { origin } = new URL(frameOrigin);
  if (origin === "null") {
    return { ok: "unknown", found: "frameOrigin is not an origin", advice: "Give one such as https://frame.example." };
  }
  const blocked = await tryFrame(origin, signal);
  const source = `Add ${origin} to frame-src in the page's Content-Security-Policy.`;
  if (blocked?.disposition === "report") {
    return { ok: true, found: `A policy that only reports would refuse ${origin}`, advice: source };
  }
  if (blocked) return { ok: false, found: `The page's ${blocked.effectiveDirective} refuses ${origin}`, advice: source };
  if (globalThis.crossOriginIsolated) {
    const advice = "Its Cross-Origin-Embedder-Policy may keep the provider's frame out. Try it without.";
    return { ok: "unknown", found: "The page's policy allows it; the page is cross-origin isolated", advice };
  }
  return fine(`The page's policy lets ${origin} in; whether that lets itself be framed cannot be seen from here`);
}

/** Puts in a frame that nobody sees, and takes it out. Answers how the page's policy refused it. */
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
    // A policy refuses before anything is asked for, so a slow origin need not be waited for.
    doneIn(2_000);
    // A refused frame has loaded too, and the refusal may be told a little later.
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
