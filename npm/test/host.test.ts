import assert from "node:assert/strict";
import { mock, test } from "node:test";

import contract from "../../tests/fixtures/element-contract.json" with { type: "json" };
import { mounted, script } from "./cr3dentials_embed.js";
import { CREATED, Held, hostPage, json, until, wasm } from "./host.js";

const held = { create: new Held(), wasm: new Held() };
const { page, requests } = hostPage((request) => {
  if (request === "POST sessions") return held.create.response;
  return request.endsWith(".wasm") ? held.wasm.response : undefined;
});

// The steps share one page, which loads one module.
test("the frame is shown before the module is loaded, and the view adopts both", async () => {
  const { define, mount } = await import("../src/index.js");
  // Set before the tag is defined: it must not hide the accessor.
  const early = page.createElement("cr3dentials-verify");
  Object.assign(early, { platformId: 3, partnerName: "Harbor" });
  define();
  page.body.append(early);
  assert.deepEqual([early.platformId, early.partnerName], [3, "Harbor"]);
  assert.ok(!Object.hasOwn(early, "platformId"), "the class has moved the value");
  early.remove();

  const element = mount(page.body, { proxyUrl: "/api/verification", platformId: 7 });
  await until("both requests", () => requests.length === 2);
  assert.equal(requests[0], "POST sessions", "the slowest request is sent first");
  held.create.resolve(json(CREATED, 201));
  const frame = await until("the frame", () => element.shadowRoot?.querySelector("iframe"));
  assert.equal(frame.src, CREATED.embedUrl);
  assert.deepEqual(frame.getAttribute("sandbox")?.split(" ").includes("allow-same-origin"), true);
  assert.equal(mounted.length, 0, "the module is still loading");
  assert.deepEqual(element.state, { stage: "loading", sessionId: CREATED.sessionId });

  element.refresh();
  element.theme = "dark";
  held.wasm.resolve(wasm());
  const view = await until("the view", () => mounted[0]);
  assert.deepEqual(view.options.start, { kind: "given", created: CREATED });
  assert.deepEqual(
    view.calls,
    [["start"], ["refresh"], ["update", { theme: "dark" }]],
    "calls made meanwhile, in order",
  );
  assert.equal(element.shadowRoot?.querySelector("iframe"), frame, "the same frame");
});

test("a listener of the first event can read and control the view", async () => {
  const { mount } = await import("../src/index.js");
  script.start = ({ listener }) => listener("status", { sessionId: "s8", status: "CREATED", step: "connect" });
  const element = mount(page.body, { proxyUrl: "/api/verification", sessionId: "s8", clientToken: "v1.s" });
  const stages: unknown[] = [];
  element.addEventListener("cr3d-status", () => {
    stages.push(element.state.stage);
    element.remount();
  });
  const view = await until("the view", () => mounted[1]);
  script.start = undefined;
  assert.deepEqual(stages, ["live"]);
  assert.deepEqual(view.calls, [["start"], ["state"], ["remount"]]);
});

test("options of the appearance fall back, and headers are read when they are sent", async () => {
  const { mount } = await import("../src/index.js");
  const element = mount(page.body, { proxyUrl: "/api/verification", sessionId: "s9", clientToken: "v1.u" });
  Object.assign(element, { theme: "purple", debug: "", headers: { "X-Partner": 1 } });
  const view = await until("the view", () => mounted[2]);
  assert.deepEqual(
    ["theme", "debug"].map((name) => view.options[name]),
    [undefined, true],
  );
  assert.equal(element.theme, undefined);
  const headers = view.options.headers as () => Promise<unknown>;
  assert.deepEqual(await headers(), [["X-Partner", "1"]]);
  element.headers = new Headers({ "X-Partner": "2" });
  assert.deepEqual(await headers(), [["x-partner", "2"]], "the value at the time of the request");

  Object.assign(element, { theme: "dark", partnerName: "Harbor" });
  Object.assign(element, { theme: undefined, partnerName: undefined });
  assert.deepEqual(
    view.calls.slice(-2),
    [
      ["update", { theme: "auto" }],
      ["update", { partnerName: "" }],
    ],
    "removed options",
  );
});

test("a change after the start is applied or reported", async () => {
  const { mount } = await import("../src/index.js");
  const { PROPERTIES } = await import("../src/options.js");
  const element = mount(page.body, { proxyUrl: "/api/verification", sessionId: "s10", clientToken: "v1.v" });
  await until("the view", () => mounted[3]);
  const warn = mock.method(console, "warn", () => undefined);
  const values = { platformId: 9, credentials: "include", mode: "bare", theme: "dark", frameColorScheme: "dark" };
  const functions = { headers: () => [], createSession: test, getSession: test, getFrame: test };
  const own = new Map<string, unknown>(Object.entries({ ...values, ...functions, strings: {} }));
  for (const name of ["lang", ...PROPERTIES]) {
    const before = warn.mock.callCount();
    Object.assign(element, { [name]: own.get(name) ?? `/other/${name}` });
    const reported = warn.mock.callCount() > before;
    assert.equal(reported, !contract.mutableProperties.includes(name), name);
  }
  warn.mock.restore();
});
