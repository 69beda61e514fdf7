import assert from "node:assert/strict";
import { test } from "node:test";

import { isMutable, parse, readOptions } from "../src/options.js";

/** The part of an element that reading options needs. */
function element(attributes: Record<string, string>): Element {
  return { getAttribute: (name: string) => attributes[name] ?? null } as unknown as Element;
}

test("attributes become options of the right type", () => {
  const attributes = {
    "proxy-url": "/api/verification",
    "platform-id": "1",
    mode: "modal",
    lang: "de",
    "start-screen": "",
    debug: "false",
    "partner-name": "",
    theme: "purple",
  };
  assert.deepEqual(readOptions(element(attributes), {}), {
    proxyUrl: "/api/verification",
    platformId: 1,
    mode: "modal",
    lang: "de",
    startScreen: true,
    debug: false,
  });
});

test("a property overrides its attribute", () => {
  assert.equal(readOptions(element({ "platform-id": "1" }), { platformId: 2 }).platformId, 2);
});

test("a platform id is a whole positive number", () => {
  assert.equal(parse("platformId", " 12 "), 12);
  for (const text of ["", "0", "-1", "1.5", "1e3", "one", "9".repeat(40)]) {
    assert.equal(parse("platformId", text), undefined, text);
  }
});

test("options that define the session cannot change after the start", () => {
  for (const option of ["theme", "lang", "mode", "partnerName"] as const) assert.ok(isMutable(option));
  for (const option of ["proxyUrl", "platformId", "sessionId", "headers"] as const) assert.ok(!isMutable(option));
});
