import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { defaultResumeKey, loadResume, resumeOf, saveResume } from "../src/storage.js";
import { forbidGlobal, memoryStorage, setGlobal } from "./support.js";

const CREATED = {
  sessionId: "0b6b1a52-9a35-4b57-8f50-6a7d6d2b6c11",
  embedUrl: "https://frame.example/verify/1?token=secret",
  clientToken: "v1.payload.mac",
  expiresAt: "2026-02-01T00:00:00.000Z",
};
const BEFORE = Date.parse("2026-01-31T23:00:00Z");
const AFTER = Date.parse("2026-02-01T01:00:00Z");

let items: Map<string, string>;
beforeEach(() => {
  items = memoryStorage();
});

test("a saved session is found again, without the frame's URL", () => {
  saveResume("here", resumeOf(CREATED, 1));
  assert.deepEqual(loadResume("here", 1, BEFORE), {
    sessionId: CREATED.sessionId,
    clientToken: CREATED.clientToken,
    platformId: 1,
    expiresAt: CREATED.expiresAt,
  });
  assert.ok(![...items.values()].some((text) => text.includes("secret")));
  assert.deepEqual([...items.keys()], ["cr3d:here"]);
});

test("an expired session is not resumed", () => {
  saveResume("here", resumeOf(CREATED, 1));
  assert.equal(loadResume("here", 1, AFTER), undefined);
});

test("a session of another platform is not resumed", () => {
  saveResume("here", resumeOf(CREATED, 1));
  assert.equal(loadResume("here", 2, BEFORE), undefined);
  assert.equal(loadResume("here", undefined, BEFORE)?.platformId, 1);
});

test("proxies and platforms have different storage keys", () => {
  const keys = [
    ["/api", 1],
    ["/api", 2],
    ["/api", undefined],
    ["/other", 1],
  ] as const;
  assert.equal(new Set(keys.map(([proxyUrl, id]) => defaultResumeKey(proxyUrl, id))).size, keys.length);
  assert.equal(defaultResumeKey("/api", undefined), "/api#");
});

test("unreadable data under the key is ignored", () => {
  for (const text of ["", "{", "null", "[]", "7", '{"sessionId":"a"}', '{"sessionId":1,"clientToken":"t"}']) {
    items.set("cr3d:here", text);
    assert.equal(loadResume("here", 1, BEFORE), undefined, text);
  }
});

test("a page without storage loses only the resume", () => {
  for (const forbid of [() => forbidGlobal("sessionStorage"), () => setGlobal("sessionStorage", undefined)]) {
    forbid();
    saveResume("here", resumeOf(CREATED, 1));
    assert.equal(loadResume("here", 1, BEFORE), undefined);
  }
});
