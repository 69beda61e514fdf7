import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./dom.js";
import { setGlobal } from "./support.js";

/** Inserts a new element and returns it with the idempotency key of the create that it sends. */
async function put(
  page: Document,
  sent: string[],
  attributes: Record<string, string> = {},
): Promise<[Element, string]> {
  const element = page.createElement("cr3dentials-verify");
  const all = { "proxy-url": "/api/verification", "platform-id": "1", ...attributes };
  for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
  page.body.append(element);
  const before = sent.length;
  // In another task: the element starts at the end of the one that inserted it.
  await new Promise((done) => setTimeout(done, 0));
  assert.equal(sent.length, before + 1, "one create");
  return [element, sent[before] as string];
}

test("an element that replaces one with an interrupted create reuses its key", async () => {
  const page = openPage();
  // jsdom's dialogs have no methods yet.
  window.HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  const sent: string[] = [];
  setGlobal("fetch", (url: string, options: RequestInit = {}) => {
    if (options.method === "POST") sent.push(new Headers(options.headers).get("Idempotency-Key") ?? "none");
    return new Promise((_, reject) =>
      options.signal?.addEventListener("abort", () => reject(new Error(`aborted: ${url}`))),
    );
  });
  const { define } = await import("../src/index.js");
  define();

  const [first, key] = await put(page, sent);
  assert.match(key, /^\d+(-\d+){3}$/);
  first.remove();
  await Promise.resolve();
  const [second, again] = await put(page, sent);
  assert.equal(again, key, "the first create got no response");

  const [third, own] = await put(page, sent);
  assert.notEqual(own, key, "a second element next to another one needs a session of its own");
  for (const element of [second, third]) element.remove();
  await Promise.resolve();

  const [fourth, other] = await put(page, sent, { "platform-id": "2" });
  assert.ok(![key, own].includes(other), "another request");
  const [fifth, elsewhere] = await put(page, sent, { "resume-key": "of another user" });
  assert.ok(![key, own, other].includes(elsewhere), "with another resume key");
  for (const element of [fourth, fifth]) element.remove();
});
