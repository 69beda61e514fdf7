// A page with a proxy and a server for the module, for tests of the element's host code.
import { openPage } from "./dom.js";
import { memoryStorage, setGlobal } from "./support.js";

export interface EmittedEvent {
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A proxy's response to a create. */
export const CREATED = {
  sessionId: "s1",
  embedUrl: "https://frame.example/verify/s1?token=1",
  clientToken: "v1.t",
  status: "CREATED",
  expiresAt: "2099-01-01T00:00:00.000Z",
};

/** A response that the test resolves later. */
export class Held {
  #resolve!: (response: Response) => void;
  readonly response = new Promise<Response>((resolve) => (this.#resolve = resolve));

  resolve(response: Response): void {
    this.#resolve(response);
  }
}

export const json = (data: unknown, status = 200): Response =>
  new Response(JSON.stringify({ status: "success", data }), {
    status,
    headers: { "Content-Type": "application/json" },
  });

/** The shortest valid module. */
export const MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

export const wasm = (): Response => new Response(MODULE, { headers: { "Content-Type": "application/wasm" } });

/** Opens the page. `respond` returns the response to a request, given its method and the end of its path. */
export function hostPage(respond: (request: string, options: RequestInit) => Response | Promise<Response> | undefined) {
  const page = openPage();
  const requests: string[] = [];
  memoryStorage();
  // jsdom's event listeners accept no other signal.
  setGlobal("AbortController", window.AbortController);
  // jsdom's dialogs have no methods yet.
  window.HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  setGlobal("fetch", (url: URL | string, options: RequestInit = {}) => {
    const request = `${options.method ?? "GET"} ${String(url).replace(/^.*\//, "")}`;
    requests.push(request);
    const aborted = new Promise<never>((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    return Promise.race([respond(request, options) ?? new Promise<never>(() => undefined), aborted]);
  });
  const events: EmittedEvent[] = [];
  for (const name of "ready status progress action expiring complete partial error end".split(" ")) {
    page.addEventListener(`cr3d-${name}`, (event) => events.push({ name, detail: (event as CustomEvent).detail }));
  }
  return { page, requests, events };
}

/** Waits until `look` returns a value, and returns it. */
export async function until<T>(what: string, look: () => T | undefined | null | false): Promise<T> {
  for (let turns = 0; turns < 2_000; turns += 1) {
    const found = look();
    if (found) return found;
    await new Promise((done) => setImmediate(done));
  }
  throw new Error(`timed out waiting for ${what}`);
}
