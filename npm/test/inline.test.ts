import assert from "node:assert/strict";
import { test } from "node:test";
import { doctor } from "../src/doctor.js";
import { loadWasm } from "../src/loader.js";
import { started } from "./cr3dentials_embed.js";
import { setGlobal } from "./support.js";

// The steps share the one module of the page.
test("a module in a data URL starts without a request, and a failure is reported but not cached", async () => {
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

test("the doctor does not fetch a module that is part of the script", async () => {
  const fetched: string[] = [];
  const fetch = async (url: unknown) => {
    fetched.push(String(url));
    return Response.json({ status: "success", data: [] });
  };
  const wasmUrl = "data:application/wasm;base64,AGFzbQEAAAA=";
  const checks = await doctor({
    proxyUrl: "https://partner.example/api",
    wasmUrl,
    fetch: fetch as typeof globalThis.fetch,
  });
  assert.equal(checks.find(({ name }) => name === "wasm file")?.ok, true);
  assert.deepEqual(
    fetched.filter((url) => url.startsWith("data:")),
    [],
  );
});
