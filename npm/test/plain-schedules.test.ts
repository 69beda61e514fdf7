// Random schedules against an adversarial server, browser and page. CR3D_SCHEDULES=10000 is the long run, and CR3D_SEED=n
// repeats one schedule.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failure, GIVEN, Page, RESUME, type Request, success, view } from "./plain-page.js";

const RUNNING = [
  "CREATED",
  "READY",
  "CONNECTED",
  "RUNNING",
  "AWAITING_USER",
  "COLLECTING_DATA",
  "RESTING",
  "constructor",
];
const TERMINAL = ["COMPLETED", "PARTIAL_COMPLETE", "ERROR", "CANCELLED", "TERMINATED"];
const REFUSALS: readonly (readonly [status: number, code: string])[] = [
  [403, "other-user"],
  [403, "forbidden"],
  [404, "not-found"],
  [409, "key-spent"],
  [409, "conflict"],
  [426, "contract-version"],
  [429, "rate-limited"],
  [500, "internal"],
  [503, "unavailable"],
];

/** The Mulberry32 generator, so that every run can be repeated. */
function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) % sides;
  };
}

/** One verification, with everything that can go wrong. */
class Schedule {
  readonly page = new Page();
  readonly #roll: (sides: number) => number;
  readonly #open: { readonly request: Request; readonly respond: (response: Response) => void }[] = [];
  /** Number of actions of the user and the page. */
  #acts = 0;
  readonly #violations: string[] = [];
  #sessions = 0;
  #urls = 0;
  /** The earliest time of the next request of a kind, by the server. */
  readonly #notBefore: Record<string, number> = {};

  constructor(seed: number) {
    this.#roll = dice(seed);
    for (const kind of ["create", "status", "frame", "closed", "platforms"]) {
      this.page.proxy[kind] = (request) => this.#receive(request);
    }
    this.page.onEvent = () => this.#roll(40) === 0 && this.#act();
  }

  async play(): Promise<void> {
    await this.#begin();
    for (let left = this.#roll(80); left > 0; left -= 1) await this.#happen();
    await this.#calm();
    this.#check();
  }

  async #begin(): Promise<void> {
    const { page } = this;
    switch (this.#roll(5)) {
      case 0:
        return page.start({ kind: "new" });
      case 1:
        return page.start({ kind: "new", failure: { kind: "rate-limited", retryAfter: 5_000 } });
      case 2:
        return void (await page.given());
      case 3:
        return page.start({ kind: "new" }, { platformId: undefined } as never);
      default:
        return page.start(RESUME);
    }
  }

  async #happen(): Promise<void> {
    const { page } = this;
    switch (this.#roll(10)) {
      case 0:
      case 1:
        return page.pass(this.#roll(this.#roll(3) === 0 ? 40_000 : 1_000));
      case 2:
        this.#act();
        break;
      case 3:
        page.frame?.dispatchEvent(new window.Event(this.#of(["load", "load", "blocked"])));
        break;
      case 4:
        window.dispatchEvent(new window.Event(this.#of(["online", "pagehide", "pageshow"])));
        break;
      default:
        return this.#respond();
    }
    await page.settle();
  }

  /** The user or the page does something. */
  #act(): void {
    const { handle, buttons } = this.page;
    this.#acts += 1;
    const methods = ["refresh", "refresh", "remount", "startAgain", "frameLost", "close", "open", "destroy"] as const;
    if (this.#roll(2) === 0) this.#of(buttons)?.click();
    else handle[this.#of(this.#roll(6) === 0 ? methods : methods.slice(0, 5))]();
  }

  async #respond(): Promise<void> {
    const call = this.#open.splice(this.#roll(this.#open.length || 1), 1)[0];
    if (!call || call.request.signal?.aborted) return;
    const acts = this.#acts;
    const removed = this.page.frames.filter((url) => url === "").length;
    const response = this.#roll(3) === 0 ? this.#refuse(call.request) : this.#grant(call.request);
    const isOtherUser = (await response.clone().text()).includes("other-user");
    call.respond(response);
    await this.page.settle();
    if (response.ok || isOtherUser || this.#acts > acts) return;
    assert.equal(this.page.frames.filter((url) => url === "").length, removed, "a failure has removed the frame");
  }

  #refuse({ kind }: Request): Response {
    const [status, code] = this.#of(REFUSALS);
    if (this.#roll(4) === 0) return new Response("<!doctype html>", { status });
    if (this.#roll(3) !== 0) return failure(status, code);
    const seconds = 1 + this.#roll(30);
    // A new session of another user begins anew.
    if (code !== "other-user") this.#notBefore[kind] = performance.now() + seconds * 1_000;
    return failure(status, code, { "Retry-After": `${seconds}` });
  }

  #grant(request: Request): Response {
    const sessionId = request.url.split(/[/?]/)[1] ?? "s";
    switch (request.kind) {
      case "create":
        this.#sessions += 1;
        return success({ ...GIVEN, sessionId: `s${this.#sessions}`, embedUrl: this.#url() }, 201);
      case "frame":
        return success({ embedUrl: this.#roll(6) === 0 ? GIVEN.embedUrl : this.#url() });
      case "platforms":
        return success([{ id: 1, displayName: "Uber", isActive: true }]);
      default:
        return view(this.#of(this.#roll(8) === 0 ? TERMINAL : RUNNING), this.#roll(130), {
          sessionId: this.#roll(20) === 0 ? "another" : sessionId,
        });
    }
  }

  #receive(request: Request): Promise<Response> {
    const { kind, at } = request;
    const isCounted = kind === "status" || kind === "create" || kind === "frame";
    // Not asserted here, since an exception would count as a failed request.
    if (isCounted && at < (this.#notBefore[kind] ?? 0)) this.#violations.push(`${kind} before Retry-After`);
    const before = this.page.sent(kind).at(-2);
    const spacing = kind === "frame" ? 10_000 : 500;
    if (isCounted && before && at - before.at < spacing)
      this.#violations.push(`two requests within ${spacing} ms: ${kind}`);
    return new Promise((respond) => this.#open.push({ request, respond }));
  }

  /** Ends the disturbances. The verification must now reach the end that the server reports. */
  async #calm(): Promise<void> {
    const { page } = this;
    page.onEvent = () => undefined;
    window.dispatchEvent(new window.Event("pageshow"));
    for (let tries = 0; tries < 200; tries += 1) {
      const { stage } = page.state;
      if (stage === "destroyed" || (typeof stage === "object" && "ended" in stage)) return;
      if (stage === "idle" || typeof stage === "object") page.buttons[0]?.click();
      for (const { request, respond } of this.#open.splice(0)) {
        const sessionId = request.url.split(/[/?]/)[1] ?? "";
        respond(request.kind === "status" ? view("COMPLETED", 100, { sessionId }) : this.#grant(request));
      }
      await page.pass(1_000);
    }
    assert.fail(`no end was reached: ${JSON.stringify(page.state)}`);
  }

  #check(): void {
    const { page } = this;
    assert.deepEqual(this.#violations, []);
    const ended = new Set<unknown>();
    const progress = new Map<unknown, number>();
    for (const { name, detail } of page.events) {
      const { sessionId } = detail;
      assert.ok(sessionId === undefined || !ended.has(sessionId), `${name} after the end`);
      if (name === "end" && sessionId !== undefined) ended.add(sessionId);
      if (name !== "progress") continue;
      assert.ok(Number(detail.progress) > (progress.get(sessionId) ?? 0) && Number(detail.progress) <= 100);
      progress.set(sessionId, Number(detail.progress));
    }
    assert.equal(page.frame, null, "a frame is left behind");
    const last = page.requests.filter(({ kind }) => kind !== "closed");
    assert.ok(
      last.every(({ signal }) => signal),
      "every request can be canceled",
    );
  }

  #url(): string {
    this.#urls += 1;
    return `https://frame.example/verify/${this.#urls}`;
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#roll(list.length)] as T;
  }
}

test("random schedules reach one end each and violate no rule", async () => {
  const only = process.env.CR3D_SEED;
  const runs = Number(process.env.CR3D_SCHEDULES ?? 100);
  const reasons = new Set<unknown>();
  for (let seed = only ? Number(only) : 0; seed < (only ? Number(only) + 1 : runs); seed += 1) {
    const schedule = new Schedule(seed);
    try {
      await schedule.play();
    } catch (error) {
      throw new Error(`CR3D_SEED=${seed}`, { cause: error });
    }
    for (const { reason } of schedule.page.details("end")) reasons.add(reason);
  }
  // Without an end of each kind, the schedules would prove nothing about it.
  const expected = ["cancelled", "closed", "completed", "failed", "partial", "terminated"];
  if (!only) assert.deepEqual([...reasons].sort(), expected);
});
