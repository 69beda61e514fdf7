import * as glue from "cr3dentials_embed";

import { sleep } from "./sleep.js";

/** The started WebAssembly module. */
export type Wasm = Pick<typeof glue, "mount">;

let loading: Promise<Wasm> | undefined;

/** How long to wait after each failed try; there is none after the last. */
const AGAIN_MS = [1_000, 4_000, 0];

/** How long the module may take to arrive. A phone in the country is slow; a request that hangs has no end. */
const ARRIVES_MS = 30_000;

/**
 * Loads and starts the module, once per page; a failed load is forgotten, so that the next call tries again.
 *
 * @param url where the `.wasm` file is; the first call decides
 * @throws when the module cannot be fetched or this browser cannot run it
 */
export function loadWasm(url?: string): Promise<Wasm> {
  loading ??= start(url).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The module has stopped, and is of no use to anybody in this page any more. */
export function withdrawWasm(why: string): void {
  loading = Promise.reject(`RuntimeError: ${why}`);
  loading.catch(() => undefined);
}

/**
 * Loads it, and tries again. Resolves to nothing when there will be no module.
 *
 * @param onFailure is told of the first failure
 */
export async function loadPatiently(
  url: string | undefined,
  signal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<Wasm | undefined> {
  for (const pause of AGAIN_MS) {
    try {
      return await loadWasm(url);
    } catch (error) {
      const why = String(error);
      if (pause === AGAIN_MS[0]) onFailure(why);
      if (!pause || isFinal(why)) break;
      await sleep(pause, signal);
      if (signal.aborted) break;
    }
  }
  return undefined;
}

/** Whether trying again brings nothing: no WebAssembly, the page's policy or the engine refuses ours, or it stopped. */
function isFinal(why: string): boolean {
  return !globalThis.WebAssembly || /^(Compile|Eval|Runtime|Timeout)Error/.test(why);
}

async function start(url: string | undefined): Promise<Wasm> {
  const code = await fetchWasm(url ?? new URL("./cr3dentials_embed_bg.wasm", import.meta.url));
  await glue.default({ module_or_path: code });
  return glue;
}

/**
 * The module, compiled while it arrives; its bytes where the server does not say that it is WebAssembly, and where the
 * page's `fetch` returns a response of its own making, which no browser compiles. The glue would tell those by their
 * class, which pages replace.
 */
async function fetchWasm(url: URL | string): Promise<WebAssembly.Module | ArrayBuffer> {
  const inside = bytesIn(String(url));
  if (inside) return inside;
  const response = await fetch(url, { signal: AbortSignal.timeout(ARRIVES_MS) });
  if (!response.ok) throw new Error(`${response.status} for ${response.url || String(url)}`);
  const type = response.headers.get("Content-Type") ?? "";
  // Exactly this: browsers refuse to compile while it arrives when the type carries a parameter.
  if (type.trim().toLowerCase() === "application/wasm") {
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (error) {
      if (response.bodyUsed) throw error;
    }
  }
  return response.arrayBuffer();
}

/** What a `data:` URL holds. It is not fetched: a page's `connect-src` seldom allows that. */
function bytesIn(url: string): ArrayBuffer | undefined {
  const base64 = /^data:[^,]*;base64,/i.exec(url);
  if (!base64) return undefined;
  const text = atob(url.slice(base64[0].length));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}
