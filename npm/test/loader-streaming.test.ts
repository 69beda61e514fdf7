import assert from "node:assert/strict";
import { test } from "node:test";

import { started } from "./cr3dentials_embed.js";
import { loadWasm } from "../src/loader.js";
import { setGlobal } from "./support.js";

test("a module with the right type is compiled while it arrives", async () => {
  setGlobal("fetch", async () => new Response("wasm", { headers: { "Content-Type": "application/wasm" } }));
  await loadWasm("https://partner.example/module.wasm");
  assert.ok(started[0] instanceof Response);
});
