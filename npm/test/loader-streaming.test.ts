import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { loadWasm } from "../src/loader.js";
import { started } from "./cr3dentials_embed.js";
import { wasm } from "./host.js";
import { setGlobal } from "./support.js";

test("a module with the right media type is compiled while it streams", async () => {
  const response = wasm();
  setGlobal("fetch", async () => response);
  const arrayBuffer = mock.method(response, "arrayBuffer");
  await loadWasm("https://partner.example/module.wasm");
  assert.ok(started[0] instanceof WebAssembly.Module);
  assert.equal(arrayBuffer.mock.callCount(), 0);
});
