import assert from "node:assert/strict";
import { test } from "node:test";
import { loadWasm } from "../src/loader.js";
import { started } from "./cr3dentials_embed.js";
import { MODULE } from "./host.js";
import { setGlobal } from "./support.js";

test("a response object made by the page is compiled from its bytes", async () => {
  const response = {
    ok: true,
    bodyUsed: false,
    headers: new Headers({ "Content-Type": "application/wasm" }),
    arrayBuffer: async () => MODULE.buffer,
  };
  setGlobal("fetch", async () => response);
  await loadWasm("https://partner.example/module.wasm");
  assert.equal(started[0], MODULE.buffer);
});
