import assert from "node:assert/strict";
import { test } from "node:test";

import { started } from "./cr3dentials_embed.js";
import { doctor } from "../src/doctor.js";
import { loadWasm } from "../src/loader.js";
import { setGlobal } from "./support.js";

// The one module of a page is what is tested, so these are the steps of one story.
test("a module inside a data URL is started without any request, and a broken one is told and forgotten", async () => {
  let requests = 0;
  setGlobal("fetch", async () => {
    requests += 1;
    return new Response(null, { status: 500 });
  });
  await assert.rejects(loadWasm("data:application/wasm;base64,$$$"), /character|correctly encoded/i);
  assert.equal(started.length, 0);

  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  const base64 = Buffer.from(bytes).toString("base64");
  const wasm = await loadWasm(`data:application/wasm;base64,${base64}`);
  assert.equal(typeof wasm.mount, "function");
  assert.deepEqual(new Uint8Array(started[0] as ArrayBuffer), bytes);
  assert.equal(requests, 0);
});

test("the doctor does not look for a file that is inside the script", async () => {
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return Response.json({ status: "success", data: [] });
  };
  const wasmUrl = "data:application/wasm;base64,AGFzbQEAAAA=";
  const checks = await doctor({ proxyUrl: "https://partner.example/api", wasmUrl, fetch: fetch as typeof globalThis.fetch });
  assert.equal(checks.find(({ name }) => name === "wasm file")?.ok, true);
  assert.deepEqual(asked.filter((url) => url.startsWith("data:")), []);
});
