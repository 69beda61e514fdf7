// Random schedules against an adversarial server, browser and host. CR3D_SCHEDULES=100000 is the long run, and
// CR3D_SEED=n repeats one schedule.
import assert from "node:assert/strict";
import { test } from "node:test";

import type { FailureKind, FrameSignal, HostAction, PageSignal } from "../src/plain/protocol.js";
import { EPOCH, Harness, type Kind } from "./plain-harness.js";

const KINDS: FailureKind[] = [
  "network",
  "forbidden",
  "other-user",
  "key-spent",
  "not-found",
  "rate-limited",
  "refused",
  "server",
  "bad-response",
  "contract-version",
];
const RUNNING = [
  "CREATED",
  "INITIALIZING",
  "READY",
  "CONNECTED",
  "LOADING_TREE",
  "RUNNING",
  "AWAITING_USER",
  "COLLECTING_DATA",
  "VERIFYING",
  "RESTING",
  "constructor",
];
const TERMINAL = ["COMPLETED", "PARTIAL_COMPLETE", "ERROR", "CANCELLED", "TERMINATED"];
const NEWS: FrameSignal[] = ["loaded", "hint", "hint", "cspBlocked", "lost"];
const PAGE: PageSignal[] = ["visible", "hidden", "frozen", "restored", "online", "offline"];
const HOST: HostAction[] = [
  "refresh",
  "refresh",
  "refresh",
  "remount",
  "remount",
  "startAgain",
  "startAgain",
  "close",
  "destroy",
];

/** The Mulberry32 generator, so that every run can be repeated. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  readonly roll = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };

  below(n: number): number {
    return Math.floor(this.roll() * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

class Story {
  readonly harness: Harness;
  readonly #dice: Dice;
  #sessions = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.harness = new Harness(this.#dice.roll);
  }

  play(): void {
    this.#begin();
    for (let left = this.#dice.below(120); left > 0; left -= 1) this.#happen();
    this.#calm();
  }

  #begin(): void {
    const { harness } = this;
    const resume = {
      sessionId: "resumed",
      clientToken: "token",
      platformId: this.#dice.of([1, null]),
      expiresAt: new Date(EPOCH + 3_600_000).toISOString(),
    };
    switch (this.#dice.below(4)) {
      case 0:
        harness.give({ start: { new: { platformId: 1, key: null } } });
        break;
      case 1:
        harness.give({ start: { given: harness.newSession("given") } });
        break;
      case 2:
        harness.give({ start: { resume } });
        break;
      default:
        harness.give({ start: { resume: { ...resume, frameUrl: harness.freshUrl() } } });
    }
  }

  #happen(): void {
    const { harness } = this;
    const dice = this.#dice;
    switch (dice.below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return harness.pass(dice.below(dice.of([600, 600, 40_000, 40_000, 4_000_000])));
      case 4:
        harness.wall += dice.below(1_400_000) - 700_000;
        return;
      case 5:
        return void this.#stale();
      case 6:
      case 7:
      case 8:
        return void this.#fail();
      case 9:
      case 10:
      case 11:
        if (harness.the("create") !== undefined) harness.created(this.#nextSession());
        return;
      case 12:
      case 13:
        return this.#embed();
      case 14:
      case 15: {
        const frame = dice.below(10) === 0 ? 2 ** 32 - 1 : harness.frame;
        if (frame !== undefined) harness.give({ frame: [frame, dice.of(NEWS)] });
        return;
      }
      case 16:
      case 17:
        return void harness.give({ page: dice.of(PAGE) });
      case 18:
        return void harness.give({ host: dice.of(HOST) });
      case 19:
        return void harness.give({ start: { new: { platformId: 2, key: null } } });
      default:
        return void this.#respond();
    }
  }

  #respond(): void {
    if (this.harness.the("pollStatus") === undefined) return;
    const status = this.#dice.of(this.#dice.below(6) === 0 ? TERMINAL : RUNNING);
    const other = this.#dice.below(20) === 0 ? { sessionId: "another" } : {};
    const undated = this.#dice.below(5) === 0 ? { expiresAt: null, serverTime: "yesterday" } : {};
    this.harness.respond(status, this.#dice.below(130), { ...other, ...undated });
  }

  #stale(): void {
    const { harness } = this;
    const call = 2 ** 32 - 1 - this.#dice.below(1000);
    harness.give({ created: [call, { Ok: harness.newSession("stale") }] });
    harness.give({ embed: [call, { Ok: { embedUrl: harness.freshUrl() } }] });
    harness.give({ status: [call, { result: { Err: { kind: "not-found", retryAfter: null } }, longPolled: false }] });
  }

  #fail(): void {
    const open = [...this.harness.open.values()] as Kind[];
    const retryAfter = this.#dice.below(3) === 0 ? this.#dice.below(400_000) : null;
    if (open.length > 0) this.harness.fail(this.#dice.of(open), this.#dice.of(KINDS), retryAfter);
  }

  #embed(): void {
    const { harness } = this;
    const call = harness.the("embed");
    const embedUrl = this.#dice.below(2) === 0 ? harness.freshUrl() : "https://frame.example/verify/1";
    if (call !== undefined) harness.give({ embed: [call, { Ok: { embedUrl } }] });
  }

  /** Ends the disturbances. The verification must now reach the end that the server reports. */
  #calm(): void {
    const { harness } = this;
    for (const page of ["online", "restored", "visible"] as const) harness.give({ page });
    // The schedule may have moved the wall clock by an hour, while no server responds.
    harness.wall = EPOCH;
    for (let tries = 0; tries < 50; tries += 1) {
      const { stage } = harness.engine.view;
      if (stage === "destroyed" || (typeof stage === "object" && "ended" in stage)) return;
      if (stage === "live") {
        if (harness.the("pollStatus") !== undefined) {
          harness.respond("COMPLETED", 100);
          assert.deepEqual(harness.engine.view.stage, { ended: { reason: "completed", confirmed: true } });
        }
      } else {
        harness.give({ start: { new: { platformId: 1, key: null } } });
        harness.give({ host: "refresh" });
        if (harness.the("create") !== undefined) harness.created(this.#nextSession());
      }
      harness.pass(3_000);
    }
    assert.fail(`no end was reached: ${JSON.stringify(harness.engine.view)}`);
  }

  #nextSession(): string {
    this.#sessions += 1;
    return `session-${this.#sessions}`;
  }
}

test("random schedules never violate an invariant", () => {
  const runs = Number(process.env.CR3D_SCHEDULES ?? 5_000);
  const only = process.env.CR3D_SEED;
  const ends = new Map<unknown, number>();
  for (let n = 0; n < (only ? 1 : runs); n += 1) {
    const seed = only ? Number(only) : n;
    const story = new Story(seed);
    try {
      story.play();
    } catch (error) {
      throw new Error(`CR3D_SEED=${seed}`, { cause: error });
    }
    for (const { name, detail } of story.harness.events) {
      if (name !== "end") continue;
      const key = `${detail.reason} ${detail.confirmed}`;
      ends.set(key, (ends.get(key) ?? 0) + 1);
    }
  }
  if (only) return;
  // Without an end of each kind, the schedules would prove nothing about it.
  const reasons = ["completed", "partial", "failed", "cancelled", "terminated", "closed", "expired"];
  for (const reason of [...reasons.map((reason) => `${reason} true`), "expired false"]) {
    assert.ok(ends.has(reason), `no schedule ended as ${reason}`);
  }
});
