// A page for the driver: jsdom's document, a proxy with responses set by each test, and a clock moved by the test.
import { createRequire } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";

import { mountPlain, type PlainHandle, type PlainHost } from "../src/plain/driver.js";
import { Shell } from "../src/shell.js";
import type { Created, EventName, Start } from "../src/types.js";
import { memoryStorage, setGlobal } from "./support.js";

/** 2027-01-15T08:00:00Z. */
const EPOCH = 1_800_000_000_000;

export const GIVEN: Created = {
  sessionId: "s",
  embedUrl: "https://frame.example/verify/s?token=1",
  clientToken: "v1.t",
  status: "CREATED",
  platformId: 1,
  expiresAt: "2027-01-15T09:00:00.000Z",
  serverTime: "2027-01-15T08:00:00.000Z",
};

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export type Respond = (request: Request) => Response | Promise<Response>;

interface Dom {
  readonly window: Window & typeof globalThis;
}

/** Loaded from the project's folder, where the tests run, since they are bundled into another one. */
const { JSDOM } = createRequire(join(process.cwd(), "npm/package.json"))("jsdom") as {
  readonly JSDOM: new (html: string, options: { readonly url: string }) => Dom;
};

export class Page {
  readonly window: Dom["window"];
  readonly shell: Shell;
  readonly requests: Request[] = [];
  readonly events: { readonly name: EventName; readonly detail: Readonly<Record<string, unknown>> }[] = [];
  readonly stored = memoryStorage();
  readonly titles: string[] = [];
  /** Events that another view emitted before. */
  readonly history = new Map<EventName, object>();
  /** The proxy's responses, by method and the last segment of the path. */
  readonly proxy: Record<string, Respond> = {};
  onEvent: (name: EventName) => void = () => undefined;
  handle!: PlainHandle;

  constructor() {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: EPOCH });
    const { window } = new JSDOM("<!doctype html><html lang=en></html>", { url: "https://partner.example/apply" });
    // jsdom's dialogs have no methods; the tests only need `open` to become false.
    const dialog = window.document.createElement("dialog").constructor.prototype as HTMLDialogElement;
    dialog.close = function (this: HTMLDialogElement) {
      this.open = false;
    };
    this.window = window;
    for (const name of ["window", "document", "navigator", "AbortController"] as const) setGlobal(name, window[name]);
    setGlobal("performance", { now: () => Date.now() - EPOCH + 0.4 });
    // jsdom has no constructed style sheets, and no test depends on styles.
    setGlobal(
      "CSSStyleSheet",
      class {
        replaceSync(): void {}
      },
    );
    setGlobal("sessionStorage", {
      getItem: (key: string) => this.stored.get(key) ?? null,
      setItem: (key: string, value: string) => void this.stored.set(key, value),
      removeItem: (key: string) => void this.stored.delete(key),
    });
    setGlobal("fetch", (url: string, init: RequestInit) => this.#fetch(url, init));
    const host = this.window.document.createElement("div");
    this.window.document.body.append(host);
    this.shell = new Shell(host.attachShadow({ mode: "open" }));
    this.shell.show("inline");
    const say = this.shell.showMessage;
    this.shell.showMessage = (title, line, close) => {
      this.titles.push(title);
      say.call(this.shell, title, line, close);
    };
  }

  async start(
    start: Start,
    options: Partial<PlainHost["options"]> = {},
    strings: Record<string, string> = {},
  ): Promise<void> {
    const lang = Object.keys(strings).length > 0 ? "de" : "en";
    this.handle = mountPlain({
      root: this.shell,
      options: { proxyUrl: "/api/verification/", platformId: 1, resumeKey: "here", lang, strings, start, ...options },
      listener: (name, detail) => {
        this.events.push({ name, detail: { ...detail } });
        this.onEvent(name);
      },
      history: this.history,
    });
    this.handle.start();
    await this.settle();
  }

  /** Starts with a session whose iframe the host has already inserted. */
  async given(options: Partial<PlainHost["options"]> = {}): Promise<HTMLIFrameElement> {
    this.shell.insertFrame(GIVEN.embedUrl, "Account verification", new AbortController().signal);
    const iframe = this.iframe as HTMLIFrameElement;
    await this.start({ kind: "given", created: GIVEN }, options);
    return iframe;
  }

  /** Advances the clock and lets everything settle. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= 250) {
      mock.timers.tick(Math.min(left, 250));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let n = 0; n < 3; n += 1) await new Promise((done) => setImmediate(done));
  }

  get iframe(): HTMLIFrameElement | null {
    return this.shell.dialog.querySelector("iframe");
  }

  /** The URL of the iframe. */
  get src(): string | null {
    return this.iframe?.getAttribute("src") ?? null;
  }

  get status(): string[] {
    return [...this.shell.dialog.querySelectorAll("[role=status] p")].map((line) => line.textContent ?? "");
  }

  /** The buttons, except the dialog's close control. */
  get buttons(): HTMLButtonElement[] {
    return [...this.shell.dialog.querySelectorAll<HTMLButtonElement>("button:not(.cr3d-close)")];
  }

  get names(): EventName[] {
    return this.events.map(({ name }) => name);
  }

  detail(name: EventName): Readonly<Record<string, unknown>> | undefined {
    return this.events.filter((event) => event.name === name).at(-1)?.detail;
  }

  paths(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const path = url.replace("/api/verification/", "");
    const request: Request = {
      method: init.method ?? "GET",
      path,
      headers: new Headers(init.headers),
      body: init.body as string | undefined,
      signal: init.signal ?? undefined,
    };
    this.requests.push(request);
    const kind = path.split("?")[0]?.split("/").at(-1) ?? "";
    const isPoll = request.method === "GET" && kind !== "platforms";
    const respond = this.proxy[`${request.method} ${isPoll ? "status" : kind}`];
    // A request without a response stays open until it is aborted.
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    return Promise.race([aborted, respond ? Promise.resolve(respond(request)) : new Promise<never>(() => undefined)]);
  }
}

export function success(data: unknown, status = 200): Response {
  return new Response(JSON.stringify({ status: "success", data }), { status, headers: { "Cr3d-Contract": "1" } });
}

export function failure(status: number, headers: Record<string, string> = {}): Response {
  return new Response('{"status":"error","error":{"code":"internal","message":"m"}}', { status, headers });
}

export function view(status: string, rev: number, more: object = {}): Response {
  const { embedUrl: _, clientToken: __, ...session } = GIVEN;
  return success({ ...session, status, progress: rev, rev, hasAttestation: true, ...more });
}
