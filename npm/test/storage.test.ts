import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SessionStore } from "../src/storage.js";
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

const storeOf = (platformId?: number, resumeKey: string | undefined = "here") =>
  new SessionStore({ proxyUrl: "/api", platformId, resumeKey });

test("a saved session is found again, without the frame's URL", () => {
  storeOf().save(CREATED, 1);
  assert.deepEqual(storeOf().load(1, BEFORE), {
    sessionId: CREATED.sessionId,
    clientToken: CREATED.clientToken,
    platformId: 1,
    expiresAt: CREATED.expiresAt,
  });
  assert.ok(![...items.values()].some((text) => text.includes("secret")));
  assert.deepEqual([...items.keys()], ["cr3d:here"]);
});

test("an expired session is not resumed", () => {
  storeOf().save(CREATED, 1);
  assert.equal(storeOf().load(1, AFTER), undefined);
});

test("a session of another platform is not resumed", () => {
  storeOf().save(CREATED, 1);
  assert.equal(storeOf().load(2, BEFORE), undefined);
  assert.equal(storeOf().load(undefined, BEFORE)?.platformId, 1);
});

test("proxies and platforms have different storage keys", () => {
  const keys = [
    ["/api", 1],
    ["/api", 2],
    ["/api", undefined],
    ["/other", 1],
  ] as const;
  const resumeKeys = keys.map(([proxyUrl, platformId]) => new SessionStore({ proxyUrl, platformId }).resumeKey);
  assert.equal(new Set(resumeKeys).size, keys.length);
  assert.equal(resumeKeys[2], "/api#");
});

test("unreadable data under the key is ignored", () => {
  for (const text of ["", "{", "null", "[]", "7", '{"sessionId":"a"}', '{"sessionId":1,"clientToken":"t"}']) {
    items.set("cr3d:here", text);
    assert.equal(storeOf().load(1, BEFORE), undefined, text);
  }
});

test("a page without storage keeps the key of an unanswered create until it is reloaded", () => {
  for (const [key, forbid] of [
    ["forbidden", () => forbidGlobal("sessionStorage")],
    ["absent", () => setGlobal("sessionStorage", undefined)],
  ] as const) {
    forbid();
    const store = storeOf(1, key);
    store.save(CREATED, 1);
    assert.equal(storeOf(1, key).load(1, BEFORE), undefined);
    store.forget();
    store.putPendingKey("k1");
    assert.equal(storeOf(1, key).pendingKey(), "k1");
    store.removePendingKey();
    assert.equal(store.pendingKey(), undefined);
  }
});

test("the key of an interrupted create is found for 30 seconds", () => {
  storeOf(1).putPendingKey("k1", BEFORE);
  assert.deepEqual([...items], [["cr3d-create:here#1", JSON.stringify({ key: "k1", until: BEFORE + 30_000 })]]);
  assert.equal(storeOf(2).pendingKey(BEFORE), undefined);
  assert.equal(storeOf(1).pendingKey(BEFORE + 29_999), "k1");
  assert.equal(storeOf(1).pendingKey(BEFORE + 30_000), undefined, "too old");
  storeOf(1).removePendingKey();
  storeOf().putPendingKey("k2", BEFORE);
  assert.deepEqual([...items.keys()], ["cr3d-create:here#"]);
  storeOf(1).putPendingKey("k3", AFTER);
  assert.equal(storeOf(1).pendingKey(BEFORE), undefined, "the clock was set back");
  storeOf(1).putPendingKey("k4", BEFORE);
  storeOf(1).removePendingKey();
  assert.equal(storeOf(1).pendingKey(BEFORE), undefined);
});

test("an unreadable pending key is ignored", () => {
  for (const text of ["", "{", "null", "7", '{"key":"k"}', '{"key":7,"until":1e15}', '{"key":"k","until":"later"}']) {
    items.set("cr3d-create:here#1", text);
    assert.equal(storeOf(1).pendingKey(BEFORE), undefined, text);
  }
});
