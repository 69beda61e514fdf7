import assert from "node:assert/strict";
import { test } from "node:test";

import type { Begin } from "../src/plain/protocol.js";
import { backoff, stepAfter, timeOf } from "../src/plain/rules.js";
import { EPOCH, Harness } from "./plain-harness.js";

const NEW: Begin = { new: { platformId: 1, key: "key-1" } };

/** A session that was created elsewhere, after its first status response. */
function live(status = "READY", progress = 5): Harness {
  const harness = new Harness();
  harness.give({ start: { given: harness.newSession("s") } });
  harness.respond(status, progress);
  return harness;
}

/** Responds to every poll at once for `length` ms, and returns the times between the polls. */
function gaps(harness: Harness, status: string, ms: number): number[] {
  const first = harness.polls.length;
  for (const until = harness.mono + ms; harness.mono < until; harness.pass(50)) {
    if (harness.the("pollStatus") !== undefined) harness.respond(status, 5);
  }
  const times = harness.polls.slice(first).map(({ at }) => at);
  return times.slice(1).map((at, n) => at - (times[n] ?? 0));
}

test("it polls every two seconds while the provider works and every four on the user's turn", () => {
  for (const gap of gaps(live("RUNNING"), "RUNNING", 20_000)) assert.ok(gap >= 2_000 && gap <= 2_100, String(gap));
  for (const gap of gaps(live(), "AWAITING_USER", 20_000)) assert.ok(gap >= 4_000 && gap <= 4_100, String(gap));
});

test("a hint polls at once and freshly, but many hints at most twice a second", () => {
  const harness = live();
  harness.pass(1_000);
  const before = harness.polls.length;
  for (let n = 0; n < 400; n += 1) {
    harness.give({ frame: [harness.frame ?? 0, "hint"] });
    if (n % 5 === 0 && harness.the("pollStatus") !== undefined) harness.respond("READY", 5);
    harness.pass(10);
  }
  const afterHints = harness.polls.slice(before);
  assert.ok(afterHints[0]?.fresh);
  assert.ok(afterHints.length >= 4 && afterHints.length <= 9, `${afterHints.length} in 4 s`);
  assert.deepEqual(harness.names(), ["status", "ready", "status", "progress"], "no other event");
});

test("a message from a frame that is not shown does nothing", () => {
  const harness = live();
  assert.deepEqual(harness.give({ frame: [99, "hint"] }), []);
});

test("a create is attempted four times with one key, then the user decides", () => {
  const harness = new Harness();
  harness.give({ start: NEW });
  for (let n = 0; n < 4; n += 1) {
    harness.fail("create", "server");
    harness.pass(30_000);
  }
  assert.deepEqual(
    harness.creates.map(({ key }) => key),
    ["key-1", "key-1", "key-1", "key-1"],
  );
  assert.deepEqual(harness.engine.view.stage, { notStarted: "server" });
  const errors = harness.events.map(({ detail }) => [detail.code, detail.retrying, detail.sessionId]);
  const retried = ["server", true, undefined];
  assert.deepEqual(errors, [retried, retried, retried, ["server", false, undefined]]);

  harness.give({ host: "refresh" });
  assert.notEqual(harness.creates[4]?.key, "key-1", "a response spends the key");
  harness.created("s");
  assert.equal(harness.engine.view.stage, "live");
});

test("a create without a response is repeated with its key", () => {
  const harness = new Harness();
  harness.give({ start: NEW });
  // Every attempt times out.
  harness.pass(400_000);
  assert.deepEqual(harness.engine.view.stage, { notStarted: "network" });
  harness.give({ host: "refresh" });
  assert.deepEqual([...new Set(harness.creates.map(({ key }) => key))], ["key-1"]);
});

test("a refused create is not retried", () => {
  const harness = new Harness();
  harness.give({ start: NEW });
  harness.fail("create", "refused");
  harness.pass(600_000);
  assert.equal(harness.creates.length, 1);
  assert.match(String(harness.last("error")?.message), /Check platform-id/);
});

test("a delay set by the server is kept, up to two minutes", () => {
  for (const [named, kept] of [
    [5_000, 5_000],
    [3_600_000, 120_000],
  ] as const) {
    const harness = live();
    harness.pass(4_000);
    harness.fail("pollStatus", "rate-limited", named);
    const [before, from] = [harness.polls.length, harness.mono];
    harness.give({ host: "refresh" });
    harness.pass(kept - 1);
    assert.equal(harness.polls.length, before, "not even for a manual refresh");
    harness.pass(1);
    assert.equal(harness.polls.at(-1)?.at, from + kept);
  }
});

test("failures cause delays of up to 30 s and one error, and never remove the frame", () => {
  const harness = live("RUNNING");
  harness.untilPolled();
  for (let n = 0; n < 8; n += 1) {
    harness.fail("pollStatus", "server");
    assert.ok(harness.untilPolled() <= 30_100);
  }
  assert.equal(harness.events.filter(({ name }) => name === "error").length, 1);
  assert.equal(harness.engine.view.connection, "reconnecting");
  assert.equal(harness.engine.view.frame, "shown");
});

test("three denials over half a minute stall the session: one poll a minute, and no end", () => {
  const harness = live();
  harness.untilPolled();
  const from = harness.mono;
  let denials = 0;
  for (; !harness.engine.view.stalled; denials += 1) {
    assert.ok(denials < 40, "it stalls");
    harness.untilPolled();
    harness.fail("pollStatus", "not-found");
  }
  assert.ok(denials >= 3 && harness.mono - from >= 30_000, `${denials} over ${harness.mono - from} ms`);
  assert.equal(
    harness.events.filter(({ name }) => name === "error").length,
    2,
    "the first failure, and the one that stalls",
  );
  for (let n = 0; n < 3; n += 1) {
    assert.equal(harness.untilPolled(), 60_000);
    harness.fail("pollStatus", "forbidden");
  }
  assert.equal(harness.engine.view.frame, "shown");
  assert.ok(!harness.names().includes("end"));
});

test("a resumed session that the server does not know is stalled at once", () => {
  const harness = new Harness();
  harness.give({ start: { resume: { sessionId: "s", clientToken: "t", platformId: 1 } } });
  harness.fail("pollStatus", "not-found");
  assert.equal(harness.engine.view.stalled, true);
  assert.equal(harness.engine.view.status, null);
});

test("a session whose frame is alive continues in it", () => {
  const harness = new Harness();
  const frameUrl = harness.freshUrl();
  harness.give({ start: { resume: { sessionId: "s", clientToken: "t", platformId: 1, frameUrl } } });
  harness.respond("AWAITING_USER", 30);
  harness.pass(30_000);
  assert.equal(harness.embeds.length, 0, "no other frame is fetched");
  // The error comes from the server's silence after its first response.
  assert.deepEqual(harness.names(), ["ready", "status", "action", "progress", "error"]);
  assert.equal(harness.last("ready")?.resumed, true);
});

test("an unreachable server ends the session a minute after it expires, a reachable one never", () => {
  const unreachable = live();
  unreachable.pass(3_600_000 + 59_000);
  assert.ok(!unreachable.names().includes("end"));
  unreachable.pass(2_000);
  assert.deepEqual(unreachable.last("end"), { sessionId: "s", reason: "expired", confirmed: false });

  const reachable = live();
  gaps(reachable, "RUNNING", 3_600_000 + 120_000);
  assert.ok(!reachable.names().includes("end"));
  reachable.pass(4_000);
  reachable.respond("TERMINATED", 5);
  assert.deepEqual(reachable.last("end"), { sessionId: "s", reason: "expired", confirmed: true });
});

test("the user is warned once, five minutes before", () => {
  const harness = live();
  gaps(harness, "RUNNING", 3_600_000 - 1_000);
  const warnings = harness.events.filter(({ name }) => name === "expiring");
  assert.deepEqual(
    warnings.map(({ detail }) => detail.minutes),
    [5],
  );
  assert.equal(harness.engine.view.minutesLeft, 1);
});

test("expiry follows the server's clock", () => {
  const harness = new Harness();
  // The device's clock is two hours fast.
  harness.wall = EPOCH + 7_200_000;
  const session = harness.newSession("s");
  harness.give({ start: { given: { ...session, serverTime: new Date(EPOCH).toISOString() } } });
  harness.respond("TERMINATED", 5, { serverTime: new Date(EPOCH + 1_000).toISOString() });
  assert.equal(harness.last("end")?.reason, "terminated");
});

test("a lost frame is replaced at most every ten seconds, and never with a used URL", () => {
  const harness = live();
  harness.give({ frame: [harness.frame ?? 0, "lost"] });
  harness.give({ embed: [harness.the("embed") ?? 0, { Ok: { embedUrl: harness.freshUrl() } }] });
  assert.equal(harness.engine.view.frame, "shown");
  harness.give({ frame: [harness.frame ?? 0, "lost"] });
  harness.pass(9_999);
  assert.equal(harness.embeds.length, 1);
  harness.pass(1);
  assert.equal(harness.embeds.length, 2);
  harness.give({ embed: [harness.the("embed") ?? 0, { Ok: { embedUrl: "https://frame.example/verify/1" } }] });
  assert.equal(harness.engine.view.frame, "unavailable");
  assert.match(String(harness.last("error")?.message), /used before/);
  assert.equal(harness.names().filter((name) => name === "ready").length, 1);
});

test("a remount keeps the old frame until the new one is ready", () => {
  const harness = live();
  const old = harness.frame;
  harness.give({ host: "remount" });
  assert.equal(harness.frame, old);
  harness.give({ embed: [harness.the("embed") ?? 0, { Ok: { embedUrl: harness.freshUrl() } }] });
  assert.notEqual(harness.frame, old);
});

test("a frame that the page's policy refuses gives one error and a link to a new window", () => {
  const harness = live();
  harness.give({ frame: [harness.frame ?? 0, "cspBlocked"] });
  harness.give({ frame: [harness.frame ?? 0, "cspBlocked"] });
  const embedUrl = harness.freshUrl();
  harness.give({ embed: [harness.the("embed") ?? 0, { Ok: { embedUrl } }] });
  assert.deepEqual([harness.engine.view.frame, harness.engine.view.window], ["blocked", embedUrl]);
  assert.deepEqual(
    harness.names().filter((name) => name === "error"),
    ["error"],
  );
});

test("a frozen or offline page does not poll, and polls at once when it is back", () => {
  for (const [away, back] of [
    ["frozen", "restored"],
    ["offline", "online"],
  ] as const) {
    const harness = live();
    harness.pass(4_000);
    harness.give({ page: away });
    const before = harness.polls.length;
    harness.pass(60_000);
    assert.equal(harness.polls.length, before);
    harness.give({ page: back });
    assert.deepEqual(harness.polls.at(-1), { at: harness.mono, fresh: true });
  }
});

test("a request during which the page slept says nothing about the server", () => {
  const harness = live();
  harness.pass(4_000);
  harness.give({ page: "hidden" });
  harness.fail("pollStatus", "network");
  assert.ok(!harness.names().includes("error"));
});

test("starting again closes the old session and creates another with a new key", () => {
  const harness = live();
  harness.give({ host: "startAgain" });
  assert.deepEqual(harness.last("end"), { sessionId: "s", reason: "closed", confirmed: true });
  harness.created("t");
  assert.equal(harness.engine.view.sessionId, "t");
  assert.equal(harness.names().filter((name) => name === "ready").length, 2);
});

test("an input of a later version changes nothing", () => {
  const harness = live();
  const before = harness.engine.view;
  assert.deepEqual(harness.give({ ownership: ["s", true] } as never), []);
  assert.deepEqual(harness.engine.view, before);
});

test("steps and delays stay within their limits", () => {
  assert.equal(stepAfter("read-details", "AWAITING_USER"), "read-details");
  assert.equal(stepAfter("connect", "COMPLETED"), "check");
  for (let failures = 1; failures < 40; failures += 1) {
    const wait = backoff(failures, null, 0.999_999);
    assert.ok(wait <= Math.min(1_000 * 2 ** (failures - 1), 30_000) && wait >= 999, String(wait));
    assert.equal(backoff(failures, null, 0), 0);
  }
});

test("only a complete timestamp with a zone is a time", () => {
  const expected = Date.parse("2026-01-31T08:05:00.120Z");
  for (const text of ["2026-01-31T09:05:00.12+01:00", "2026-01-31 08:05:00.120z", "2026-01-31T08:05:00.120999Z"]) {
    assert.equal(timeOf(text), expected, text);
  }
  for (const text of ["", "2026-01-31", "2026-01-31T24:61:00Z", "2026-01-31T09:05:00", "now", null, undefined]) {
    assert.equal(timeOf(text), undefined, String(text));
  }
});
