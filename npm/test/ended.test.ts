import assert from "node:assert/strict";
import { test } from "node:test";

import { Ended } from "../src/ended.js";
import type { EndDetail } from "../src/types.js";

function end(sessionId: string): EndDetail {
  return { sessionId, reason: "completed", confirmed: true };
}

test("a page that asks after the end still hears of it", async () => {
  const ended = new Ended();
  ended.end(end("a"));
  ended.heard("a");
  assert.deepEqual(await ended.promise, end("a"));
});

test("a start again has a promise of its own, whether the old session had ended or not", async () => {
  const ended = new Ended();
  const first = ended.promise;
  ended.startAgain();
  ended.end(end("a"));
  const second = ended.promise;
  assert.deepEqual(await first, end("a"));
  assert.notEqual(second, first);

  ended.end(end("b"));
  ended.startAgain();
  const third = ended.promise;
  assert.deepEqual(await second, end("b"));
  assert.notEqual(third, second);
});

test("a session that the user started has a promise of its own", () => {
  const ended = new Ended();
  ended.end(end("a"));
  const first = ended.promise;
  ended.heard(undefined);
  assert.equal(ended.promise, first);
  ended.heard("b");
  assert.notEqual(ended.promise, first);
});
