import assert from "node:assert/strict";
import { test } from "node:test";

import { isNews } from "../src/plain/told.js";
import type { EventName } from "../src/types.js";

const A = { sessionId: "a" };
const told = new Map<EventName, object>([
  ["status", { ...A, status: "RUNNING" }],
  ["ready", A],
  ["progress", { ...A, progress: 30 }],
  ["expiring", { ...A, minutes: 4 }],
]);

test("a known status or progress is not new, and neither is a one-time event", () => {
  assert.ok(!isNews(told, "status", { ...A, status: "RUNNING" }));
  assert.ok(isNews(told, "status", { ...A, status: "AWAITING_USER" }));
  assert.ok(!isNews(told, "progress", { ...A, progress: 30 }));
  assert.ok(isNews(told, "progress", { ...A, progress: 31 }));
  for (const name of ["ready", "expiring"] as const) assert.ok(!isNews(told, name, A), name);
  for (const name of ["action", "complete", "partial", "end"] as const) assert.ok(isNews(told, name, A), name);
});

test("after its end a session has no new events, another session has, and errors are always new", () => {
  const over = new Map<EventName, object>([...told, ["end", A]]);
  for (const name of ["ready", "status", "progress", "complete", "end"] as const) {
    assert.ok(!isNews(over, name, { ...A, status: "COMPLETED", progress: 100 }), name);
    assert.ok(isNews(over, name, { sessionId: "b", status: "RUNNING", progress: 1 }), name);
  }
  assert.ok(isNews(over, "error", A));
  // Closed before there was a session, twice.
  assert.ok(isNews(new Map<EventName, object>([["end", {}]]), "end", {}));
});
