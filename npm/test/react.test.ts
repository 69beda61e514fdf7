import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, mock, test } from "node:test";
import * as React from "react";
import type { Cr3dentialsVerifyElement, Cr3dentialsVerifyProps, StatusDetail } from "../src/react.js";
import { completed, defineFake, fakeOf, play } from "../src/testing.js";
import { closeChannels } from "./channels.js";
import { openPage, ROOT } from "./dom.js";

// React and the wrapper read the page's globals when they are loaded.
const document = openPage();
closeChannels();
const { place, done, unhurried } = await import("./react-root.js");
const { Cr3dentialsVerify } = await import("../src/react.js");
defineFake();

const PROXY = { proxyUrl: "/api/verification" };
const complaints = mock.method(console, "error");
const warnings = mock.method(console, "warn");

afterEach(() => {
  document.body.replaceChildren();
  const messages = [...complaints.mock.calls, ...warnings.mock.calls].map((call) => call.arguments);
  complaints.mock.resetCalls();
  warnings.mock.resetCalls();
  assert.deepEqual(messages, [], "no warnings");
});

test("aria and data attributes and hidden are passed on", async () => {
  const { element } = await rendered({
    ...PROXY,
    hidden: true,
    ...{ "data-testid": "verify", "aria-describedby": "why" },
  });
  const attributes = ["data-testid", "aria-describedby", "hidden"].map((name) => element.getAttribute(name));
  assert.deepEqual(attributes, ["verify", "why", ""]);
});

function strict(props: Cr3dentialsVerifyProps & React.RefAttributes<Cr3dentialsVerifyElement>) {
  return React.createElement(React.StrictMode, null, React.createElement(Cr3dentialsVerify, props));
}

async function rendered(props: Cr3dentialsVerifyProps & React.RefAttributes<Cr3dentialsVerifyElement>) {
  const container = document.body.appendChild(document.createElement("div"));
  const root = await place(container);
  await root.render(strict(props));
  return { root, container, element: fakeOf(container.firstElementChild) };
}

test("the directive for server components is the first line", () => {
  const source = readFileSync(join(ROOT, "npm/src/react.ts"), "utf8");
  assert.equal(source.split("\n")[0], '"use client";');
});

test("under StrictMode there is one element, one session, and one call per event", async () => {
  const [starts, ends] = [mock.fn(), mock.fn()];
  document.body.addEventListener("cr3d-ready", starts);
  const { container, element } = await rendered({ ...PROXY, onEnd: ends });
  await done(() => play(element, completed()));
  assert.equal(container.childElementCount, 1);
  assert.equal(starts.mock.callCount(), 1);
  assert.equal(ends.mock.callCount(), 1);
  const {
    arguments: [detail, event],
  } = ends.mock.calls[0] as unknown as { arguments: [unknown, CustomEvent] };
  assert.equal(detail, event.detail);
  assert.equal(event.type, "cr3d-end");
  assert.equal((detail as { reason: string }).reason, "completed");
  assert.deepEqual(element.calls, [], "the element is not destroyed and restarted");
});

test("every option is set when the element starts, as a property and not as an attribute", async () => {
  const errors = mock.fn();
  const options = { ...PROXY, platformId: 7, headers: { "X-Partner": "1" }, credentials: "include" } as const;
  const { element } = await rendered({ ...options, strings: { tryAgain: "Once more" }, onError: errors });
  await play(element, []);
  assert.equal(errors.mock.callCount(), 0, "a start without proxyUrl would report an error");
  assert.deepEqual(element.getAttributeNames(), []);
  const { proxyUrl, platformId, headers, credentials } = element;
  assert.deepEqual({ proxyUrl, platformId, headers, credentials }, options);
  assert.deepEqual(element.strings, { tryAgain: "Once more" });
});

test("an error at the start reaches its handler", async () => {
  const errors = mock.fn();
  await rendered({ onError: errors });
  const codes = errors.mock.calls.map((call) => (call.arguments as unknown as [{ code: string }])[0].code);
  assert.deepEqual(codes, ["bad-options"]);
});

test("an event calls the handler of the latest render", async () => {
  const calls: string[] = [];
  function Page() {
    const [count, setCount] = React.useState(0);
    return React.createElement(Cr3dentialsVerify, {
      ...PROXY,
      onStatus({ status }: StatusDetail) {
        calls.push(`${status} after ${count}`);
        setCount(count + 1);
      },
    });
  }
  const container = document.body.appendChild(document.createElement("div"));
  await (await place(container)).render(React.createElement(React.StrictMode, null, React.createElement(Page)));
  const element = container.firstElementChild;
  for (const event of completed()
    .filter(([name]) => name === "status" || name === "ready")
    .slice(0, 4)) {
    await done(() => play(element, [event]));
  }
  assert.deepEqual(calls, ["CREATED after 0", "READY after 1", "AWAITING_USER after 2"]);
});

test("a handler can be added and removed", async () => {
  const first = mock.fn();
  const { root, element } = await rendered(PROXY);
  const script = completed();
  await done(() => play(element, script.slice(0, 1)));
  await root.render(strict({ ...PROXY, onStatus: first }));
  await done(() => play(element, script.slice(1, 3)));
  await root.render(strict(PROXY));
  await done(() => play(element, script.slice(3)));
  assert.equal(first.mock.callCount(), 1);
});

test("no handler is called after the component is unmounted", async () => {
  const handler = mock.fn();
  const { root, element } = await rendered({ ...PROXY, onStatus: handler, onEnd: handler });
  await root.unmount();
  element.dispatchEvent(new CustomEvent("cr3d-status", { detail: {} }));
  document.body.append(element);
  element.dispatchEvent(new CustomEvent("cr3d-end", { detail: {} }));
  assert.equal(handler.mock.callCount(), 0);
});

test("a removed option is reset, and one set through a ref stays", async () => {
  const ref = React.createRef<Cr3dentialsVerifyElement>();
  const { root, element } = await rendered({ ...PROXY, partnerName: "Harbor", lang: "de", id: "verify", ref });
  assert.equal(ref.current, element);
  assert.deepEqual([element.partnerName, element.lang, element.id], ["Harbor", "de", "verify"]);
  element.theme = "dark";
  await root.render(strict({ ...PROXY, ref }));
  assert.equal(element.partnerName, undefined);
  assert.deepEqual(element.getAttributeNames(), []);
  assert.equal(element.theme, "dark");
  await root.unmount();
  assert.equal(ref.current, null);
});

test("an object with the same entries is not set again, and one with other entries is", async () => {
  const { root, element } = await rendered({ ...PROXY, headers: { "X-Partner": "1" }, strings: {} });
  const before = element.headers;
  await root.render(strict({ ...PROXY, headers: { "X-Partner": "1" }, strings: {} }));
  assert.equal(element.headers, before);
  await root.render(strict({ ...PROXY, headers: { "X-Partner": "2" }, strings: {} }));
  assert.deepEqual(element.headers, { "X-Partner": "2" });
  for (const value of ["3", "4"]) {
    const headers = new Headers({ "X-Partner": value });
    await root.render(strict({ ...PROXY, headers, strings: {} }));
    assert.equal(element.headers, headers, "not compared by entries, which it does not show");
  }
});

test("className and style are applied to the element and updated", async () => {
  const { root, element } = await rendered({ ...PROXY, className: "wide", style: { color: "red" } });
  assert.equal(element.className, "wide");
  assert.equal(element.style.color, "red");
  await root.render(strict({ ...PROXY, className: "narrow" }));
  assert.equal(element.className, "narrow");
  assert.equal(element.style.color, "");
});

test("server-rendered markup is hydrated and starts with its options", async () => {
  const container = document.body.appendChild(document.createElement("div"));
  container.innerHTML = "<cr3dentials-verify></cr3dentials-verify>";
  const there = container.firstElementChild;
  const ends = mock.fn();
  await place(container, strict({ ...PROXY, lang: "de", onEnd: ends }));
  assert.equal(container.firstElementChild, there);
  await done(() => play(there, completed()));
  assert.equal(ends.mock.callCount(), 1);
});

test("another key gives another element with its own session", async () => {
  const container = document.body.appendChild(document.createElement("div"));
  const root = await place(container);
  const page = (key: string, platformId: number) =>
    React.createElement(Cr3dentialsVerify, { ...PROXY, platformId, key });
  await root.render(page("a", 1));
  const first = container.firstElementChild;
  await root.render(page("b", 2));
  assert.notEqual(container.firstElementChild, first);
  assert.equal(fakeOf(container.firstElementChild).platformId, 2);
  await assert.rejects(play(first, completed()), /not in a page/);
});

test("an element hidden by Suspense keeps emitting events", async () => {
  const ends = mock.fn();
  let wait: Promise<void> | undefined;
  let arrive = () => {};
  function Slow() {
    if (wait) throw wait;
    return null;
  }
  const page = () =>
    React.createElement(
      React.Suspense,
      { fallback: "…" },
      React.createElement(Cr3dentialsVerify, { ...PROXY, onEnd: ends }),
      React.createElement(Slow),
    );
  const container = document.body.appendChild(document.createElement("div"));
  const root = await place(container);
  await root.render(page());
  const element = container.querySelector("cr3dentials-verify");
  wait = new Promise((resolve) => {
    arrive = () => {
      wait = undefined;
      resolve();
    };
  });
  await root.render(page());
  assert.equal((element as HTMLElement).style.display, "none");
  await done(() => play(element, completed()));
  assert.equal(ends.mock.callCount(), 1);
  await done(arrive);
  await root.render(page());
  assert.equal(container.querySelector("cr3dentials-verify"), element);
  assert.equal((element as HTMLElement).style.display, "");
});

// The last test, since it disables act() permanently.
test("events of a hidden Activity are delivered once it is shown", async () => {
  const [ends, completes] = [mock.fn(), mock.fn()];
  const container = document.body.appendChild(document.createElement("div"));
  const root = await place(container);
  const verify = React.createElement(Cr3dentialsVerify, { ...PROXY, onComplete: completes, onEnd: ends });
  const activity = (mode: "visible" | "hidden") =>
    // Its types require the children as a prop.
    React.createElement(React.Activity, { mode } as React.ActivityProps, verify);
  await root.render(activity("visible"));
  const element = fakeOf(container.firstElementChild);
  await root.render(activity("hidden"));
  await done(() => play(element, completed()));
  assert.equal(ends.mock.callCount(), 0, "its effects are unmounted");
  await root.render(activity("visible"));
  assert.deepEqual([completes.mock.callCount(), ends.mock.callCount()], [1, 1]);
  await root.render(activity("hidden"));
  await root.render(activity("visible"));
  assert.equal(ends.mock.callCount(), 1, "only once");
  await root.unmount();
});

test("at React's own pace, options are set in time and no handler is called after unmount", async () => {
  const [errors, handler] = [mock.fn(), mock.fn()];
  document.body.addEventListener("cr3d-error", errors);
  const container = document.body.appendChild(document.createElement("div"));
  const render = unhurried(container);
  const changed = () =>
    new Promise<void>((resolve) => new MutationObserver(() => resolve()).observe(container, { childList: true }));

  const shown = changed();
  render(React.createElement(Cr3dentialsVerify, { ...PROXY, onEnd: handler }));
  await shown;
  const element = container.firstElementChild;
  await play(element, completed());
  assert.equal(errors.mock.callCount(), 0, "a start without proxyUrl would report an error");
  assert.equal(handler.mock.callCount(), 1);

  const unmounted = changed();
  render(null);
  await unmounted;
  element?.dispatchEvent(new CustomEvent("cr3d-end", { detail: {} }));
  assert.equal(handler.mock.callCount(), 1);
});
