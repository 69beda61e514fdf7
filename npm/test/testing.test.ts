import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { advance, INITIAL_STATE, type Script, type ScriptEvent } from "../src/testing/rules.js";
import { cancelled, completed, expired, failed, partial, terminated } from "../src/testing/scripts.js";
import { defineFake, fakeOf, play } from "../src/testing.js";
import { openPage, ROOT } from "./dom.js";

const TRACES = join(ROOT, "tests/fixtures/traces");
const document = openPage();
defineFake();
afterEach(() => document.body.replaceChildren());

/** The recorded events of the engine, as the element emits them. */
function recorded(name: string): Script {
  interface Effect {
    emit?: Record<string, Record<string, unknown>>;
  }
  const trace = JSON.parse(readFileSync(join(TRACES, name), "utf8")) as { steps: { effects: (Effect | string)[] }[] };
  const effects = trace.steps.flatMap((step) => step.effects);
  return effects.flatMap((effect) => {
    const [event] = typeof effect === "string" ? [] : Object.entries(effect.emit ?? {});
    if (!event) return [];
    const [kind, detail] = event;
    // Absent and null mean the same, and only the element knows that it shows the full view.
    const given = Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== null));
    return [[kind, kind === "ready" ? { ...given, mode: "full" } : given] as unknown as ScriptEvent];
  });
}

function fake(attributes: Record<string, string> = { "proxy-url": "/api/verification" }) {
  const element = fakeOf(document.createElement("cr3dentials-verify"));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  const events: [string, unknown][] = [];
  for (const name of ["ready", "status", "progress", "action", "expiring", "complete", "partial", "end", "error"]) {
    element.addEventListener(`cr3d-${name}`, (event) => events.push([name, (event as CustomEvent<unknown>).detail]));
  }
  return { element, events };
}

const SESSION = "7f1c9c9e-0001-4000-8000-000000000001";
const options = { sessionId: SESSION };

const SAME: Record<string, Script> = {
  "completed.json": completed(options),
  "partial.json": partial(options),
  "failed.json": failed("ACCOUNT_LOCKED", options),
  "failed-without-code.json": failed(undefined, options),
  "cancelled.json": cancelled(options),
  "expired.json": expired(options),
  "terminated.json": terminated(options),
};

for (const [name, script] of Object.entries(SAME)) {
  test(`the fake emits the same events as the engine in ${name}`, async () => {
    const { element, events } = fake();
    await play(element, script);
    assert.deepEqual(events, recorded(name));
    assert.deepEqual(["end", await element.ended], events.at(-1));
  });
}

test("every recorded sequence of events is a valid script and ends only once", () => {
  const names = readdirSync(TRACES);
  assert.ok(names.length >= 14);
  for (const name of names) {
    const script = recorded(name);
    const state = script.reduce(advance, INITIAL_STATE);
    const last = script.at(-1);
    if (last?.[0] === "end") assert.throws(() => advance(state, last), /has ended/, name);
    else assert.equal(state.end, undefined, name);
  }
});

test("an impossible script is refused before its first event", async () => {
  const all = completed();
  const at = (index: number) => all.slice(index, index + 1);
  const cases: [wrong: Script, why: RegExp][] = [
    [[...all, ...at(2)], /has ended/],
    [[...all, ...all.slice(-1)], /has ended/],
    [all.filter(([name]) => name !== "complete"), /cr3d-complete must come before it/],
    [[...all.slice(0, -1), ...at(1)], /only the end/],
    [[...all.slice(0, 4), ...all.slice(-2)], /status does not match/],
    [[...all.slice(0, -1), ["end", { sessionId: "x", reason: "completed", confirmed: true }]], /has not ended/],
    [[...all.slice(0, -1), ["end", { ...failedEnd(all), reason: "failed" }]], /the reason must be completed/],
    [all.slice(1), /starts with its status/],
    [[...all.slice(0, 4), ...at(1)], /once for each session/],
    [[...all.slice(0, 4), ...at(3)], /only increases/],
    [[...all.slice(0, 10), ...at(4)], /never go back/],
    [[...all.slice(0, 2), ...at(5)], /AWAITING_USER/],
    [[...all.slice(0, 4), ["end", { ...failedEnd(all), reason: "cancelled" }]], /status must be CANCELLED/],
    [[["end", { reason: "expired", confirmed: false }]], /sessionId is missing/],
    [[["nonsense", { sessionId: "x" }] as unknown as ScriptEvent], /starts with its status/],
    [[...at(0), ["nonsense", { sessionId: all[0]?.[1].sessionId }] as unknown as ScriptEvent], /no event of this name/],
  ];
  const { element, events } = fake();
  for (const [wrong, why] of cases) await assert.rejects(play(element, wrong), why);
  assert.deepEqual(events, []);
});

function failedEnd(script: Script) {
  return { sessionId: String(script[0]?.[1].sessionId), confirmed: true };
}

test("a script can be run in parts, and the state follows it", async () => {
  const { element } = fake();
  assert.deepEqual(element.state, { stage: "idle" });
  const script = completed(options);
  await play(element, []);
  assert.deepEqual(element.state, { stage: "loading" });
  await play(element, script.slice(0, 7));
  const running = { sessionId: SESSION, status: "AWAITING_USER", step: "sign-in", progress: 30 };
  assert.deepEqual(element.state, { stage: "live", ...running });
  await play(element, script.slice(7));
  const stage = { ended: { reason: "completed", confirmed: true } };
  assert.deepEqual(element.state, { stage, sessionId: SESSION, status: "COMPLETED", step: "check", progress: 100 });
});

test("closing emits one end and drops the rest of the script", async () => {
  const { element, events } = fake();
  element.addEventListener("cr3d-progress", () => element.close());
  await play(element, completed(options));
  element.close();
  assert.deepEqual(events, recorded("closed.json"));
  assert.equal((await element.ended).reason, "closed");
  assert.deepEqual(element.calls, [
    { method: "close", args: [] },
    { method: "close", args: [] },
  ]);
});

test("closing before there is a session emits an end without one", async () => {
  const { element, events } = fake();
  await play(element, []);
  element.close();
  element.close();
  assert.deepEqual(events, [["end", { reason: "closed", confirmed: true }]]);
});

test("starting again ends one session and gives the next one a new promise", async () => {
  const { element, events } = fake();
  const first = element.ended;
  await play(element, completed().slice(0, 4));
  element.startAgain();
  assert.equal((await first).reason, "closed");
  const second = element.ended;
  assert.notEqual(second, first);
  const script = failed("NO_ACCOUNT");
  await play(element, script);
  assert.deepEqual(["end", await second], script.at(-1));
  assert.equal(events.filter(([name]) => name === "end").length, 2);
});

test("a removed element emits nothing more, and a moved one continues", async () => {
  const { element, events } = fake();
  await play(element, completed(options).slice(0, 2));
  const place = document.createElement("main");
  document.body.append(place);
  place.append(element);
  await play(element, completed(options).slice(2, 4));
  element.addEventListener("cr3d-status", () => element.remove());
  await play(element, completed(options).slice(4));
  assert.equal(events.length, 5);
  await assert.rejects(play(element, completed()), /not in a page/);
  const before = element.ended;
  document.body.append(element);
  assert.notEqual(element.ended, before, "a new start has a new promise");
  element.destroy();
  await assert.rejects(play(element, completed()), /destroyed/);
});

test("the fake starts when the real element would", async () => {
  const none = fake({});
  await assert.rejects(play(none.element, completed()), /Set proxy-url/);
  assert.deepEqual(
    none.events.map(([name, detail]) => [name, (detail as { code: string }).code]),
    [["error", "bad-options"]],
  );
  none.element.proxyUrl = "/api/verification";
  await play(none.element, completed());

  const odd = fake({ "proxy-url": "/api/verification", "platform-id": "1.5" });
  await assert.rejects(play(odd.element, completed()), /platformId: "1.5" is invalid/);

  const modal = fake({ "proxy-url": "/api/verification", mode: "modal" });
  await assert.rejects(play(modal.element, completed()), /open\(\)/);
  modal.element.open();
  await play(modal.element, completed());
  assert.equal(modal.events.at(-1)?.[0], "end");
});

test("options are read in the same way as by the real element", () => {
  const { element } = fake({ "platform-id": "7", "partner-name": "Harbor" });
  assert.equal(element.platformId, 7);
  element.update({ platformId: 8, headers: { "X-Partner": "1" } });
  assert.deepEqual([element.platformId, element.headers, element.partnerName], [8, { "X-Partner": "1" }, "Harbor"]);
  Reflect.set(element, "platformId", undefined);
  assert.equal(element.platformId, 7);
});

test("a property set before the fake is defined is kept", () => {
  const early = document.createElement("cr3dentials-verify-later");
  Reflect.set(early, "platformId", 9);
  document.body.append(early);
  const defined = customElements.get("cr3dentials-verify") as new () => HTMLElement;
  customElements.define("cr3dentials-verify-later", class extends defined {});
  assert.equal(Object.hasOwn(early, "platformId"), false);
  assert.equal(Reflect.get(early, "platformId"), 9);
});

test("defining twice is allowed, and any other element is not a fake", () => {
  defineFake();
  assert.throws(() => fakeOf(document.createElement("div")), /not a fake/);
  assert.throws(() => fakeOf(null), /not a fake/);
});
