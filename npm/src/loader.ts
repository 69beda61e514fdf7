import type * as Glue from "./cr3dentials_embed.js";

/** The started WebAssembly module. */
export type Wasm = Pick<typeof Glue, "mount">;

let loading: Promise<Wasm> | undefined;

/**
 * Loads and starts the module, once for the whole page; a failed load is forgotten, so that the next call tries again.
 *
 * @param url where the `.wasm` file is, when it is not beside this module; the first call decides
 * @throws when the module cannot be fetched or this browser cannot run it
 */
export function loadWasm(url?: string): Promise<Wasm> {
  loading ??= start(url).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start(url: string | undefined): Promise<Wasm> {
  // Both at once: the module's code does not need the glue to travel.
  const code = fetchWasm(url ?? new URL("./cr3dentials_embed_bg.wasm", import.meta.url));
  code.catch(() => undefined);
  const glue = await import("./cr3dentials_embed.js");
  await glue.default({ module_or_path: await code });
  return glue;
}

/** A response to compile while it arrives; its bytes where the server does not say that it is WebAssembly. */
async function fetchWasm(url: URL | string): Promise<Response | ArrayBuffer> {
  const inside = bytesIn(String(url));
  if (inside) return inside;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${response.url || String(url)}`);
  const type = response.headers.get("Content-Type") ?? "";
  // Exactly this: browsers refuse to compile while it arrives when the type carries a parameter.
  return type.trim().toLowerCase() === "application/wasm" ? response : response.arrayBuffer();
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
