import assert from "node:assert/strict";
import { test } from "node:test";

import { isNewEvent } from "../src/plain/event-history.js";
import type { EventName } from "../src/types.js";

const A = { sessionId: "a" };
const history = new Map<EventName, object>([
  ["status", { ...A, status: "RUNNING" }],
  ["ready", A],
  ["progress", { ...A, progress: 30 }],
  ["expiring", { ...A, minutes: 4 }],
]);

test("a known status or progress is not new, and neither is a one-time event", () => {
  assert.ok(!isNewEvent(history, "status", { ...A, status: "RUNNING" }));
  assert.ok(isNewEvent(history, "status", { ...A, status: "AWAITING_USER" }));
  assert.ok(!isNewEvent(history, "progress", { ...A, progress: 30 }));
  assert.ok(isNewEvent(history, "progress", { ...A, progress: 31 }));
  for (const name of ["ready", "expiring"] as const) assert.ok(!isNewEvent(history, name, A), name);
  for (const name of ["action", "complete", "partial", "end"] as const) assert.ok(isNewEvent(history, name, A), name);
});

test("after its end a session has no new events, another session has, and errors are always new", () => {
  const ended = new Map<EventName, object>([...history, ["end", A]]);
  for (const name of ["ready", "status", "progress", "complete", "end"] as const) {
    assert.ok(!isNewEvent(ended, name, { ...A, status: "COMPLETED", progress: 100 }), name);
    assert.ok(isNewEvent(ended, name, { sessionId: "b", status: "RUNNING", progress: 1 }), name);
  }
  assert.ok(isNewEvent(ended, "error", A));
  // Closed before there was a session, twice.
  assert.ok(isNewEvent(new Map<EventName, object>([["end", {}]]), "end", {}));
});
