import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Effect } from "../src/plain/protocol.js";
import { recorded, replay, type Trace } from "./plain-replay.js";

/** Traces of features that plain mode does not have, each with the reason. */
const OUTSIDE: Readonly<Record<string, string>> = {
  "other-tab.json": "plain mode uses no Web Locks",
};

// The tests run in the project's folder.
const folder = join(process.cwd(), "tests/fixtures/traces");
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Trace;

for (const name of names) {
  const reason = OUTSIDE[name];
  test(`${name} has the same events, frames and storage`, { skip: reason ?? false }, () => {
    const trace = read(name);
    assert.deepEqual(replay(trace), recorded(trace), trace.story);
  });
}

test("traces exist, and so does each excluded one", () => {
  assert.ok(names.length >= 14, `${names.length} in ${folder}`);
  for (const name of Object.keys(OUTSIDE)) assert.ok(names.includes(name), name);
});

test("an additional recorded effect is detected", () => {
  for (const name of names.filter((name) => !(name in OUTSIDE))) {
    const trace = read(name);
    for (const [n, step] of trace.steps.entries()) {
      if (!step.effects?.length) continue;
      const more = { ...step, effects: [...step.effects, "forget" as Effect] };
      const changed = { ...trace, steps: trace.steps.map((other, m) => (m === n ? more : other)) };
      assert.notDeepEqual(replay(changed), recorded(changed), `${name} at ${step.at} ms`);
    }
  }
});

const SESSION = "7f1c9c9e-0001-4000-8000-000000000001";
const view = (status: string, rev: number) => ({
  sessionId: SESSION,
  status,
  progress: rev,
  platformId: 1,
  platform: null,
  expiresAt: null,
  errorCode: null,
  hasAttestation: false,
  rev,
  serverTime: null,
});

test("a request that the recorded engine long-polled gets its response in time", () => {
  const trace: Trace = {
    story: "Two long polls of 24 seconds; then the element is moved.",
    steps: [
      {
        at: 0,
        input: { start: { given: { sessionId: SESSION, embedUrl: "https://f.example/1", clientToken: "t" } } },
        effects: [{ pollStatus: { call: 1, after: 0, waitSecs: 0, fresh: false } }],
      },
      {
        at: 24_000,
        input: { status: [1, { result: { Ok: view("READY", 5) }, longPolled: true }] },
        effects: [{ pollStatus: { call: 2, after: 5, waitSecs: 0, fresh: false } }],
      },
      { at: 30_000, input: { frame: [1, "lost"] }, effects: [{ fetchEmbedUrl: { call: 3 } }] },
      { at: 30_500, input: { embed: [3, { Ok: { embedUrl: "https://f.example/2" } }] } },
      { at: 48_000, input: { status: [2, { result: { Ok: view("COMPLETED", 100) }, longPolled: true }] } },
    ],
  };
  const effects = replay(trace).map((effect) => {
    if (typeof effect === "string") return effect;
    if ("emit" in effect) return Object.keys(effect.emit)[0];
    return "mount" in effect ? effect.mount[1] : Object.keys(effect)[0];
  });
  assert.deepEqual(effects, [
    "save",
    "status",
    "https://f.example/1",
    "ready",
    "status",
    "progress",
    "drop",
    "https://f.example/2",
    "status",
    "progress",
    "complete",
    "drop",
    "forget",
    "end",
  ]);
});
