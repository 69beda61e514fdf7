import assert from "node:assert/strict";
import { test } from "node:test";

import { EndPromise } from "../src/end-promise.js";
import type { EndDetail } from "../src/types.js";

function end(sessionId: string): EndDetail {
  return { sessionId, reason: "completed", confirmed: true };
}

test("the promise resolves also for a page that reads it after the end", async () => {
  const ended = new EndPromise();
  ended.end(end("a"));
  ended.noteSession("a");
  assert.deepEqual(await ended.promise, end("a"));
});

test("starting again gives a new promise, before and after the old session's end", async () => {
  const ended = new EndPromise();
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

test("a session that the user started has a new promise", () => {
  const ended = new EndPromise();
  ended.end(end("a"));
  const first = ended.promise;
  ended.noteSession(undefined);
  assert.equal(ended.promise, first);
  ended.noteSession("b");
  assert.notEqual(ended.promise, first);
});
