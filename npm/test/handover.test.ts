import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { mounted } from "./cr3dentials_embed.js";
import { CREATED, hostPage, json, until, wasm } from "./host.js";

const { page, events } = hostPage((request) => {
  if (request === "POST sessions") return json(CREATED, 201);
  return request.endsWith(".wasm") ? wasm() : json(null, 204);
});
const options = { proxyUrl: "/api/verification", platformId: 1 };

test("the handle is stored before the first event", async () => {
  const { mount } = await import("../src/index.js");
  const element = mount(page.body, { ...options, resumeKey: "first" });
  const view = await until("the view", () => mounted[0]);
  assert.deepEqual(view.calls[0], ["start"], "the view starts only after the host can call it");
  const states: unknown[] = [];
  element.addEventListener("cr3d-ready", () => {
    states.push(element.state);
    element.destroy();
  });
  view.listener("ready", { sessionId: "s1", resumed: false });
  assert.deepEqual(states, [{ stage: "live" }]);
  assert.deepEqual(element.state, { stage: "destroyed" });
  await until("the module's memory", () => view.calls.some(([name]) => name === "free"));
  view.listener("status", { sessionId: "s1", status: "READY", step: "connect" });
  assert.ok(!events.some(({ name }) => name === "status"), "a destroyed element emits nothing");
});

test("headers that cannot be sent are reported as bad options at once", async () => {
  const { mount } = await import("../src/index.js");
  for (const [headers, named] of [
    [{ "X-User-Name": "Łukasz" }, "X-User-Name"],
    [{ "X-Fine": "1", "X Space": "1" }, "X Space"],
    [{ "": "1" }, '""'],
    [{ "X-Lines": "a\r\nb" }, "X-Lines"],
  ] as const) {
    const before = mounted.length;
    const element = mount(page.body, { ...options, resumeKey: "headers", headers });
    const { detail } = await until("the error", () => events.find(({ name }) => name === "error"));
    events.length = 0;
    assert.deepEqual([detail.code, detail.retrying], ["bad-options", false]);
    assert.ok(String(detail.message).includes(named), String(detail.message));
    assert.ok(!String(detail.message).includes("Łukasz"), "a message must not contain the value");
    assert.deepEqual([mounted.length, element.state.stage], [before, "idle"], "nothing has started");
  }
});

test("waiting for a promise with a timeout ends and leaves no timer", async () => {
  const { within } = await import("../src/sleep.js");
  mock.timers.enable({ apis: ["setTimeout"] });
  const { signal } = new AbortController();
  const never = within(new Promise<never>(() => undefined), 4_000, signal).catch(String);
  mock.timers.tick(4_000);
  assert.match(await never, /after 4 s/);
  assert.equal(await within(Promise.resolve(7), 4_000, signal), 7);
  mock.timers.reset();
});
