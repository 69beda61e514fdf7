// A driver for tests. It performs no effects, records them, and checks the invariants after every input.
import assert from "node:assert/strict";

import { PlainEngine } from "../src/plain/engine.js";
import type { Details, Effect, FailureKind, Input, SessionView } from "../src/plain/protocol.js";
import type { Created, EventName, SessionStatus } from "../src/types.js";

/** 2027-01-15T08:00:00Z. */
export const EPOCH = 1_800_000_000_000;
const HOUR = 3_600_000;

export type Kind = "create" | "pollStatus" | "embed";

export interface EmittedEvent {
  readonly name: EventName;
  readonly detail: { readonly [key: string]: unknown; readonly sessionId?: string | null };
}

export class Harness {
  readonly engine: PlainEngine;
  readonly open = new Map<number, Kind>();
  readonly events: EmittedEvent[] = [];
  readonly polls: { readonly at: number; readonly fresh: boolean }[] = [];
  readonly creates: { readonly at: number; readonly key: string }[] = [];
  readonly embeds: number[] = [];
  mono = 1_000;
  wall = EPOCH;
  frame: number | undefined;
  readonly #mounted = new Set<string>();
  readonly #ended = new Set<unknown>();
  readonly #progress = new Map<unknown, number>();
  readonly #reported = new Set<string>();
  #expiresAt = 0;
  #destroyed = false;
  #urls = 0;

  constructor(random: () => number = () => 0.5) {
    this.engine = new PlainEngine(random);
  }

  /** Passes one input to the engine and checks the effects. */
  give(input: Input): Effect[] {
    this.#note(input);
    const effects = this.engine.handle({ mono: this.mono, wall: this.wall }, input);
    assert.ok(!this.#destroyed || effects.length === 0, "effects after destroy");
    this.#checkInput(input, effects);
    for (const effect of effects) this.#perform(effect);
    this.#checkState();
    return effects;
  }

  /** Advances the clocks, with a tick at every deadline on the way. */
  pass(length: number): void {
    const until = this.mono + length;
    for (let at = this.engine.deadline; at !== undefined && at <= until; at = this.engine.deadline) {
      this.#stepTo(at);
      this.give("tick");
    }
    this.#stepTo(until);
  }

  /** Advances the clocks until a status request is open, and returns how long that took. */
  untilPolled(): number {
    const from = this.mono;
    while (this.the("pollStatus") === undefined) {
      assert.ok(this.mono < from + 200_000, "no status request within 200 s");
      this.pass(100);
    }
    return this.mono - from;
  }

  the(kind: Kind): number | undefined {
    return [...this.open].find(([, open]) => open === kind)?.[0];
  }

  newSession(sessionId: string): Created {
    return {
      sessionId,
      embedUrl: this.freshUrl(),
      clientToken: "token",
      status: "CREATED",
      platformId: 1,
      expiresAt: new Date(EPOCH + HOUR).toISOString(),
      serverTime: serverTime(this.wall),
    };
  }

  freshUrl(): string {
    this.#urls += 1;
    return `https://frame.example/verify/${this.#urls}`;
  }

  created(sessionId: string): Effect[] {
    return this.give({ created: [this.#the("create"), { Ok: this.newSession(sessionId) }] });
  }

  respond(status: SessionStatus, progress: number, more: Partial<SessionView> = {}): Effect[] {
    const view: SessionView = {
      sessionId: this.engine.view.sessionId ?? "",
      status,
      progress,
      platformId: 1,
      platform: null,
      expiresAt: new Date(EPOCH + HOUR).toISOString(),
      errorCode: status === "ERROR" ? "ACCOUNT_LOCKED" : null,
      hasAttestation: status === "COMPLETED",
      rev: progress,
      serverTime: serverTime(this.wall),
      ...more,
    };
    return this.give({ status: [this.#the("pollStatus"), { result: { Ok: view }, longPolled: false }] });
  }

  fail(what: Kind, kind: FailureKind, retryAfter: number | null = null): Effect[] {
    const [call, result] = [this.#the(what), { Err: { kind, retryAfter } }];
    if (what === "create") return this.give({ created: [call, result] });
    return this.give(
      what === "pollStatus" ? { status: [call, { result, longPolled: false }] } : { embed: [call, result] },
    );
  }

  names(): EventName[] {
    return this.events.map(({ name }) => name);
  }

  last<Name extends EventName>(name: Name): Details[Name] | undefined {
    return this.events.filter((event) => event.name === name).at(-1)?.detail as Details[Name] | undefined;
  }

  #the(kind: Kind): number {
    return this.the(kind) ?? assert.fail(`no ${kind} is open`);
  }

  #stepTo(mono: number): void {
    this.wall += mono - this.mono;
    this.mono = mono;
  }

  #note(input: Input): void {
    if (typeof input === "string") return;
    if ("start" in input && "given" in input.start) this.#learn(input.start.given);
    for (const result of [
      "created" in input && input.created,
      "status" in input && input.status,
      "embed" in input && input.embed,
    ]) {
      if (result) this.open.delete(result[0]);
    }
    if ("created" in input && "Ok" in input.created[1]) this.#learn(input.created[1].Ok);
    if ("status" in input && "Ok" in input.status[1].result) this.#learn(input.status[1].result.Ok);
  }

  #learn({ status, expiresAt }: Pick<Created, "status" | "expiresAt">): void {
    this.#reported.add(status ?? "CREATED");
    if (expiresAt) this.#expiresAt = Date.parse(expiresAt);
  }

  /** Checks effects that an input of this kind must never have. */
  #checkInput(input: Input, effects: readonly Effect[]): void {
    if (typeof input === "string" || this.wall >= this.#expiresAt + 50_000) return;
    const text = JSON.stringify(effects);
    const failed = Object.values(input).some(
      (value) => Array.isArray(value) && "Err" in Object(Object(value[1]).result ?? value[1]),
    );
    // Another user's session is left at once, with its frame and without an event.
    if (text.includes('"renew"')) assert.doesNotMatch(text, /"emit":/, "an event about another user's session");
    else if (failed) assert.doesNotMatch(text, /"(end|drop)":/, "a failure must not end the session or drop the frame");
    if ("frame" in input) {
      assert.doesNotMatch(text, /"emit":\{"(?!error|expiring)/, "a frame must not set a status");
    }
  }

  #perform(effect: Effect): void {
    if (typeof effect === "string") return;
    if ("create" in effect) {
      this.creates.push({ at: this.mono, key: effect.create.key });
      this.#openCall(effect.create.call, "create");
    } else if ("pollStatus" in effect) {
      const before = this.polls.at(-1)?.at ?? -Infinity;
      assert.ok(this.mono - before >= 500, `two polls within ${this.mono - before} ms`);
      assert.equal(effect.pollStatus.waitSecs, 0);
      this.polls.push({ at: this.mono, fresh: effect.pollStatus.fresh });
      this.#openCall(effect.pollStatus.call, "pollStatus");
    } else if ("fetchEmbedUrl" in effect) {
      this.embeds.push(this.mono);
      this.#openCall(effect.fetchEmbedUrl.call, "embed");
    } else if ("cancel" in effect) {
      assert.ok(this.open.delete(effect.cancel), "canceled a request that was not open");
    } else if ("mount" in effect) {
      const [frame, url] = effect.mount;
      assert.equal(this.frame, undefined, "two frames at the same time");
      assert.ok(!this.#mounted.has(url), "a URL was mounted twice");
      this.#mounted.add(url);
      this.frame = frame;
    } else if ("drop" in effect) {
      assert.equal(this.frame, effect.drop, "dropped a frame that was not mounted");
      this.frame = undefined;
    } else if ("emit" in effect) {
      for (const [name, detail] of Object.entries(effect.emit)) this.#onEvent({ name: name as EventName, detail });
    }
  }

  #openCall(call: number, kind: Kind): void {
    assert.equal(this.the(kind), undefined, `two requests of a kind in flight: ${kind}`);
    assert.ok(!this.open.has(call), "a call id was used twice");
    this.open.set(call, kind);
  }

  #onEvent({ name, detail }: EmittedEvent): void {
    const { sessionId: session } = detail;
    if (session) assert.ok(!this.#ended.has(session), `${name} after the end`);
    if (name === "status") assert.ok(this.#reported.has(String(detail.status)), `not reported: ${detail.status}`);
    if (name === "complete") assert.ok(this.#reported.has("COMPLETED"));
    if (name === "partial") assert.ok(this.#reported.has("PARTIAL_COMPLETE"));
    if (name === "progress") {
      const [before, progress] = [this.#progress.get(session) ?? 0, Number(detail.progress)];
      assert.ok(progress > before && progress <= 100, `progress went from ${before} to ${progress}`);
      this.#progress.set(session, progress);
    }
    if (name === "end" && session) this.#ended.add(session);
    this.events.push({ name, detail });
  }

  #checkState(): void {
    const { engine } = this;
    const { stage } = engine.view;
    this.#destroyed = stage === "destroyed";
    if (stage === "idle" || this.#destroyed || (typeof stage === "object" && "ended" in stage)) {
      assert.equal(this.open.size, 0, "requests left open");
      assert.equal(this.frame, undefined, "a frame left behind");
      assert.equal(engine.deadline, undefined, "a timer left behind");
    }
    if (engine.deadline !== undefined) assert.ok(engine.deadline > this.mono, "a deadline in the past");
  }
}

/** The device's clock may be set to a time that no date can express; a server's clock may not. */
function serverTime(wall: number): string {
  return new Date(wall).toISOString();
}
