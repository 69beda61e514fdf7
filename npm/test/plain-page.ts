// A page for plain mode: jsdom's document with the real shell, a proxy with responses set by each test, and a clock that
// the test moves.
import assert from "node:assert/strict";
import { mock } from "node:test";

import { createShell } from "../../src/browser/shell/create.js";
import type { Shell } from "../../src/browser/shell/shell.js";
import { Client, type ClientOptions, isFrameUrl } from "../src/client.js";
import type { PlainHost } from "../src/plain/host.js";
import type { PlainMode } from "../src/plain/mode.js";
import { mountPlain } from "../src/plain.js";
import { resumeOf, SessionStore } from "../src/storage.js";
import type { Created, EventName, Start } from "../src/types.js";
import { openPage } from "./dom.js";
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

export const RESUME: Start = { kind: "resume", sessionId: "s", clientToken: "v1.t", platformId: 1 };

export interface Request {
  /** `create`, `status`, `frame`, `platforms` or `closed`. */
  readonly kind: string;
  readonly url: string;
  readonly at: number;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface EmittedEvent {
  readonly name: EventName;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Checks in each of its steps that at most one frame exists, and that no URL is loaded twice. */
export class Page {
  readonly shell: Shell;
  readonly requests: Request[] = [];
  readonly events: EmittedEvent[] = [];
  readonly stored = memoryStorage();
  /** The URLs that were loaded, and "" for each frame that was removed. */
  readonly frames: string[] = [];
  /** Everything that is compared with the recorded traces, in its order. */
  readonly log: unknown[] = [];
  /** The last event of each name, as the host keeps it. */
  readonly history = new Map<EventName, { readonly sessionId?: string }>();
  /** The proxy's responses, by kind of request. A request without a response stays open until it is aborted. */
  readonly proxy: Record<string, (request: Request) => Response | Promise<Response>> = {};
  /** The options of requests. */
  request: ClientOptions = {};
  onEvent: (event: EmittedEvent) => void = () => undefined;
  handle!: PlainMode;

  constructor() {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: EPOCH });
    openPage();
    // jsdom's documents are not visible.
    Object.defineProperty(document, "hidden", { value: false, writable: true });
    setGlobal("performance", { now: () => Date.now() - EPOCH });
    setGlobal("AbortController", window.AbortController);
    window.HTMLDialogElement.prototype.close = function close() {
      this.open = false;
    };
    setGlobal("fetch", (url: string, init: RequestInit) => this.#fetch(url, init));
    this.shell = createShell(document.body.appendChild(document.createElement("div")));
    this.shell.show();
    const { shell } = this;
    const { insertFrame, dropFrame } = shell;
    shell.insertFrame = (url: string, title: string) => {
      const before = shell.iframe;
      const frame = insertFrame.call(shell, url, title);
      if (frame !== before) {
        assert.ok(!this.frames.includes(url), `loaded twice: ${url}`);
        this.frames.push(url);
        this.log.push({ mount: url });
      }
      return frame;
    };
    shell.dropFrame = () => {
      if (shell.iframe) {
        this.frames.push("");
        this.log.push("drop");
      }
      dropFrame.call(shell);
    };
  }

  async start(start: Start, options: Partial<PlainHost["options"]> = {}): Promise<void> {
    const client = new Client(() => ({ proxyUrl: "/api/verification", ...this.request }));
    const store = new SessionStore({ proxyUrl: "", resumeKey: "here" });
    const { notifyClosed } = client;
    client.notifyClosed = (access) => {
      this.log.push("notifyClosed");
      notifyClosed.call(client, access);
    };
    this.handle = mountPlain({
      shell: this.shell,
      client,
      options: { proxyUrl: "/api/verification", platformId: 1, lang: "en", strings: {}, start, ...options },
      listener: (name, detail) => this.#onEvent({ name, detail: { ...detail } }),
      history: this.history,
      store: {
        load: () => store.load(),
        save: (session, platformId) => {
          this.log.push({ save: resumeOf({ ...session, platformId }) });
          store.save(session, platformId);
        },
        forget: () => {
          this.log.push("forget");
          store.forget();
        },
      },
      isFrameUrl,
    });
    this.handle.start();
    await this.settle();
  }

  /** Starts with a session whose iframe the host has already inserted. */
  async given(options: Partial<PlainHost["options"]> = {}): Promise<HTMLIFrameElement> {
    const frame = this.shell.insertFrame(GIVEN.embedUrl, "Account verification");
    await this.start({ kind: "given", created: GIVEN }, options);
    return frame;
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
    mock.timers.tick(0);
    for (let n = 0; n < 3; n += 1) await new Promise((done) => setImmediate(done));
  }

  get frame(): HTMLIFrameElement | null {
    assert.ok(this.shell.dialog.querySelectorAll("iframe").length <= 1, "more than one frame");
    return this.shell.iframe;
  }

  /** The URL of the frame. */
  get src(): string | null {
    return this.frame?.getAttribute("src") ?? null;
  }

  get status(): string[] {
    return [...this.shell.view.querySelectorAll("[role=status] p")].map((line) => line.textContent ?? "");
  }

  get buttons(): HTMLButtonElement[] {
    return [...this.shell.view.querySelectorAll("button")];
  }

  /** The texts of the buttons. */
  get labels(): (string | null)[] {
    return this.buttons.map((button) => button.textContent);
  }

  get names(): EventName[] {
    return this.events.map(({ name }) => name);
  }

  get state() {
    return this.handle.state();
  }

  /** The details of the events with this name. */
  details(name: EventName): EmittedEvent["detail"][] {
    return this.events.filter((event) => event.name === name).map(({ detail }) => detail);
  }

  /** The requests of a kind. */
  sent(kind: string): Request[] {
    return this.requests.filter((request) => request.kind === kind);
  }

  #onEvent(event: EmittedEvent): void {
    this.events.push(event);
    this.log.push({ emit: { [event.name]: event.detail } });
    const { sessionId } = event.detail;
    // As the host does.
    if (sessionId !== undefined && sessionId !== this.history.get("status")?.sessionId) this.history.clear();
    if (event.name === "status") this.history.delete("action");
    this.history.set(event.name, event.detail);
    this.onEvent(event);
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const last = /(\w+)(?:\?.*)?$/.exec(url)?.[1] ?? "";
    const kinds: Record<string, string> = {
      sessions: "create",
      frame: "frame",
      platforms: "platforms",
      closed: "closed",
    };
    const kind = kinds[last] ?? "status";
    const request: Request = {
      kind,
      url: url.replace("/api/verification/", "").replace(/[?&]n=.*/, ""),
      at: performance.now(),
      headers: new Headers(init.headers),
      body: init.body as string | undefined,
      signal: init.signal ?? undefined,
    };
    this.requests.push(request);
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    return Promise.race([aborted, this.proxy[kind]?.(request) ?? new Promise<never>(() => undefined)]);
  }
}

export function success(data: unknown, status = 200): Response {
  return new Response(JSON.stringify({ status: "success", data }), { status, headers: { "Cr3d-Contract": "1" } });
}

export function failure(status: number, code = "internal", headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status: "error", error: { code, message: "m" } }), { status, headers });
}

export function view(status: string, rev: number, more: object = {}): Response {
  const { embedUrl: _, clientToken: __, ...session } = GIVEN;
  return success({ ...session, status, progress: rev, rev, hasAttestation: true, ...more });
}

/** A response with a fresh URL. */
export function frame(token: number): Response {
  return success({ embedUrl: `https://frame.example/verify/s?token=${token}` });
}
