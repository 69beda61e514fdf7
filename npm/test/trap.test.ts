import assert from "node:assert/strict";
import { test } from "node:test";

import { failing, type Mounted, mounted } from "./cr3dentials_embed.js";
import { CREATED, hostPage, json, until, wasm } from "./host.js";

const STATUS = { sessionId: "s1", status: "AWAITING_USER", progress: 40, rev: 2, hasAttestation: false };
let creates = 0;
const { page, events } = hostPage((request) => {
  if (request === "POST sessions") {
    creates += 1;
    return json({ ...CREATED, sessionId: `s${creates}`, embedUrl: `${CREATED.embedUrl}${creates}` }, 201);
  }
  if (request.endsWith(".wasm")) return wasm();
  const id = /^GET (s\d)/.exec(request)?.[1];
  return id ? json({ ...STATUS, sessionId: id }) : json(null, 204);
});
const of = (id: string) => events.filter(({ detail }) => detail.sessionId === id).map(({ name }) => name);
const tell = (view: Mounted, name: string, detail: object) => view.listener(name, { ...detail });

// The steps share one module, which stops for the whole page.
test("a trap gives one error, repeats no event, and affects neither ended nor later elements", async () => {
  const { mount } = await import("../src/index.js");
  const options = { proxyUrl: "/api/verification", platformId: 1 };
  const first = mount(page.body, { ...options, resumeKey: "a" });
  const one = await until("the first view", () => mounted[0]);
  mount(page.body, { ...options, resumeKey: "b" });
  const two = await until("the second view", () => mounted[1]);

  for (const [name, detail] of [
    ["status", { status: "AWAITING_USER", step: "sign-in" }],
    ["ready", { resumed: false }],
    ["progress", { progress: 40 }],
    ["action", {}],
    ["expiring", { minutes: 4 }],
  ] as const) {
    tell(one, name, { sessionId: "s1", ...detail });
  }
  tell(two, "status", { sessionId: "s2", status: "COMPLETED", step: "check" });
  tell(two, "complete", { sessionId: "s2", hasAttestation: true });
  tell(two, "end", { sessionId: "s2", reason: "completed", confirmed: true });
  const [frame, done] = [first.shadowRoot?.querySelector("iframe"), of("s2")];

  failing.refresh = "refused";
  first.refresh();
  assert.deepEqual(events.at(-1)?.detail, {
    sessionId: "s1",
    code: "bad-options",
    message: "refused",
    retrying: false,
  });
  failing.refresh = new WebAssembly.RuntimeError("unreachable");
  first.refresh();
  // The module's panic hook notifies every view.
  for (const view of [one, two]) view.listener("panic");
  await until("the plain mode", () => first.state.status === "AWAITING_USER");
  assert.equal(first.shadowRoot?.querySelector("iframe"), frame, "the user may be typing in it");
  const errors = events.filter(({ name, detail }) => name === "error" && detail.code === "internal");
  assert.deepEqual(
    errors.map(({ detail }) => [detail.sessionId, detail.retrying]),
    [["s1", true]],
  );
  assert.deepEqual(
    of("s1"),
    ["status", "ready", "progress", "action", "expiring", "error", "error"],
    "no event is repeated",
  );
  assert.deepEqual(of("s2"), done, "no event after the end");

  mount(page.body, { ...options, resumeKey: "c" });
  const ready = await until("the third view", () =>
    events.find(({ name, detail }) => name === "ready" && detail.sessionId === "s3"),
  );
  assert.equal(ready.detail.mode, "plain");
  assert.equal(mounted.length, 2, "the module is not called any more");
  page.body.replaceChildren();
});
