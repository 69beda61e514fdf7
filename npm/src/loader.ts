import * as glue from "cr3dentials_embed";

import { sleep } from "./sleep.js";

/** The initialized WebAssembly module. */
export type Wasm = Pick<typeof glue, "mount">;

let loading: Promise<Wasm> | undefined;

/** Delays after each failed attempt, in milliseconds; 0 means no further attempt. */
const RETRY_DELAYS_MS = [1_000, 4_000, 0];

/** Timeout for fetching the module, in milliseconds: enough for a slow mobile network, and an end to a hung request. */
const FETCH_TIMEOUT_MS = 30_000;

/**
 * Loads and initializes the module, once per page. A failure is not cached, so the next call tries again.
 *
 * @param url the URL of the `.wasm` file; the first call decides
 * @throws if the module cannot be fetched or this browser cannot run it
 */
export function loadWasm(url?: string): Promise<Wasm> {
  loading ??= start(url).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Marks the module as unusable for the rest of the page's lifetime. */
export function markWasmUnusable(why: string): void {
  loading = Promise.reject(`RuntimeError: ${why}`);
  loading.catch(() => undefined);
}

/**
 * Loads the module with retries. Resolves to `undefined` if it cannot be loaded.
 *
 * @param onFailure called with the first failure
 */
export async function loadWithRetries(
  url: string | undefined,
  signal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<Wasm | undefined> {
  for (const pause of RETRY_DELAYS_MS) {
    try {
      return await loadWasm(url);
    } catch (error) {
      const why = String(error);
      if (pause === RETRY_DELAYS_MS[0]) onFailure(why);
      if (!pause || isFinal(why)) break;
      await sleep(pause, signal);
      if (signal.aborted) break;
    }
  }
  return undefined;
}

/**
 * Returns true if a retry cannot help: no WebAssembly, or the page's policy or the engine rejects it, or it stopped.
 */
function isFinal(why: string): boolean {
  return !globalThis.WebAssembly || /^(Compile|Eval|Runtime|Timeout)Error/.test(why);
}

async function start(url: string | undefined): Promise<Wasm> {
  const code = await fetchWasm(url ?? new URL("./cr3dentials_embed_bg.wasm", import.meta.url).href);
  await glue.default({ module_or_path: code });
  return glue;
}

/**
 * Returns the module, compiled while it streams. Returns its bytes if the server sends another media type, or if the
 * page's `fetch` returns its own response object, which browsers do not compile. The generated glue recognizes such
 * objects by their class, which pages replace.
 */
async function fetchWasm(url: string): Promise<WebAssembly.Module | ArrayBuffer> {
  const inside = bytesIn(url);
  if (inside) return inside;
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${response.status} for ${response.url || url}`);
  const type = response.headers.get("Content-Type") ?? "";
  // An exact match: browsers refuse streaming compilation when the type has a parameter.
  if (type.trim().toLowerCase() === "application/wasm") {
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (error) {
      if (response.bodyUsed) throw error;
    }
  }
  return response.arrayBuffer();
}

/** Decodes a `data:` URL. It is not fetched, because a page's `connect-src` rarely allows that. */
function bytesIn(url: string): ArrayBuffer | undefined {
  const base64 = /^data:[^,]*;base64,/i.exec(url);
  if (!base64) return undefined;
  const text = atob(url.slice(base64[0].length));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}
