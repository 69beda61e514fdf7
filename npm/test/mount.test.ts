import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./dom.js";

test("mount defines the tag, creates an element with the options, and inserts it", async () => {
  const page = openPage();
  // Imported after the page exists, since the class needs HTMLElement at import.
  const { Cr3dentialsVerify, mount } = await import("../src/index.js");
  const parent = page.createElement("main");
  parent.append(page.createElement("h1"));
  const element = mount(parent, { proxyUrl: "/api/verification", platformId: 7, mode: "bare" });
  assert.ok(element instanceof Cr3dentialsVerify);
  assert.equal(parent.lastElementChild, element);
  assert.deepEqual([element.proxyUrl, element.platformId, element.mode], ["/api/verification", 7, "bare"]);
  assert.deepEqual(element.getAttributeNames(), [], "options are properties; the attributes belong to the page");
});
