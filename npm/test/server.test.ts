import assert from "node:assert/strict";
import { test } from "node:test";

import { define } from "../src/index.js";

test("importing and defining on a server does nothing", () => {
  assert.equal(globalThis.customElements, undefined);
  define();
  assert.equal(globalThis.customElements, undefined);
});
