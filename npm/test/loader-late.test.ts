import assert from "node:assert/strict";
import { test } from "node:test";

import { loadWithRetries } from "../src/loader.js";
import { setGlobal } from "./support.js";

test("a module that does not arrive times out, and is not retried", async () => {
  const waits: number[] = [];
  const signalAfter = AbortSignal.timeout.bind(AbortSignal);
  // Time passes immediately.
  const timeout = (ms: number) => {
    waits.push(ms);
    return signalAfter(0);
  };
  setGlobal("AbortSignal", { timeout });
  setGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const failures: string[] = [];
  const { signal } = new AbortController();
  assert.equal(
    await loadWithRetries("https://partner.example/module.wasm", signal, (why) => failures.push(why)),
    undefined,
  );
  assert.match(failures.join(), /^TimeoutError: [^,]*$/);
  assert.deepEqual(waits, [30_000], "the user does not wait three times as long");
});
