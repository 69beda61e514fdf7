import assert from "node:assert/strict";
import { test } from "node:test";

import { setGlobal } from "./support.js";

test("defining twice, or next to another copy of the package, registers the tag once", async () => {
  const defined = new Map<string, unknown>();
  setGlobal("HTMLElement", class {});
  setGlobal("customElements", {
    get: (name: string) => defined.get(name),
    define(name: string, elementClass: unknown) {
      if (defined.has(name)) throw new DOMException("taken", "NotSupportedError");
      defined.set(name, elementClass);
    },
  });
  const { Cr3dentialsVerify, define } = await import("../src/index.js");
  define({ wasmUrl: "/static/module.wasm" });
  define();
  assert.equal(Cr3dentialsVerify.wasmUrl, "/static/module.wasm", "a later define() does not reset it");
  assert.deepEqual([...defined], [["cr3dentials-verify", Cr3dentialsVerify]]);
});
