import assert from "node:assert/strict";
import { before, test } from "node:test";

import { headerList, isMutable, isReadPerRequest, parse, problem, readOptions } from "../src/options.js";
import type { VerifyOptions } from "../src/types.js";
import { openPage } from "./dom.js";

before(() => void openPage());

/** The part of an element that reading options needs. */
function element(attributes: Record<string, string>): Element {
  return { getAttribute: (name: string) => attributes[name] ?? null } as unknown as Element;
}

const PROXY = { proxyUrl: "/api/verification" };
const problemOf = (properties: object, attributes = {}) => problem(element(attributes), properties as VerifyOptions);

test("attributes become options of the right type", () => {
  const attributes = {
    "proxy-url": "/api/verification",
    "platform-id": "1",
    credentials: "include",
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
    credentials: "include",
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

test("an invalid platform id is an error, and never the list of platforms", () => {
  for (const platformId of [0, NaN, -1, 1.5, 1e20, Infinity, true, {}, "uber", "1.5", ""]) {
    assert.match(problemOf({ ...PROXY, platformId }) ?? "", /^platformId: ".*" is invalid.*whole number/);
    if (platformId !== true && typeof platformId !== "object") {
      assert.match(problemOf(PROXY, { "platform-id": `${platformId}` }) ?? "", /^platformId: /);
    }
    assert.equal(readOptions(element({}), { platformId } as never).platformId, undefined);
  }
  for (const platformId of [1, "1", " 7 ", undefined, null]) {
    assert.equal(problemOf({ ...PROXY, platformId }), undefined);
  }
});

test("an unknown mode or credentials is an error, an unknown color scheme is not", () => {
  assert.match(problemOf({ ...PROXY, mode: "popup" }) ?? "", /^mode: "popup" is invalid. Valid: inline, modal, bare/);
  assert.match(problemOf(PROXY, { credentials: "sometimes" }) ?? "", /^credentials: /);
  assert.match(problemOf({ ...PROXY, mode: {} }) ?? "", /^mode: /);
  const absent = { theme: "purple", "frame-color-scheme": "purple" };
  assert.equal(problemOf(PROXY, absent), undefined);
});

test("a proxy URL is a path or a web address, as text or an object", () => {
  const url = new URL("https://proxy.example/v");
  assert.equal(readOptions(element({}), { proxyUrl: url }).proxyUrl, "https://proxy.example/v");
  for (const proxyUrl of [url, "/", "api", "https://proxy.example", "//proxy.example"]) {
    assert.equal(problemOf({ proxyUrl }), undefined, String(proxyUrl));
  }
  for (const proxyUrl of ["https://", "javascript:alert(1)", "ftp://proxy.example", "http://["]) {
    assert.match(problemOf({ proxyUrl }) ?? "", /^proxy-url: /, String(proxyUrl));
  }
  for (const proxyUrl of [undefined, null, ""]) assert.match(problemOf({ proxyUrl }) ?? "", /^Set proxy-url/);
});

test("own clients replace the proxy URL if they are complete and know the platform", () => {
  const own = { createSession: () => undefined, getSession: () => undefined, getFrame: () => undefined };
  assert.equal(problemOf({ ...own, platformId: 1 }), undefined);
  assert.match(problemOf(own) ?? "", /^Set proxy-url/);
  assert.match(problemOf({ ...own, platformId: 1, getFrame: undefined }) ?? "", /^Set proxy-url/);
  assert.equal(problemOf({ ...PROXY, getSession: own.getSession }), undefined);
  assert.match(problemOf({ ...PROXY, getSession: "getSession" }) ?? "", /^getSession: /);
});

test("headers that cannot be sent are an error that names them", () => {
  for (const [headers, named] of [
    [{ "X-User-Name": "Łukasz" }, '"X-User-Name"'],
    [{ "X-Fine": "1", "X Space": "1" }, '"X Space"'],
    [[["", "1"]], '""'],
    [{ "X-Lines": "a\r\nb" }, '"X-Lines"'],
    [7, "headers"],
    ["X-Partner: 1", "headers"],
    [[7], "headers"],
  ] as const) {
    const message = problemOf({ ...PROXY, headers }) ?? "";
    assert.ok(message.startsWith("headers: ") && message.includes(named), message);
    assert.ok(!message.includes("Łukasz"), "a message must not contain the value");
  }
  const headers = [{ "X-Partner": 1, "X-None": undefined }, [["X-Partner", "1"]], new Headers({ "X-Partner": "1" })];
  for (const valid of [...headers, () => ({ "X-User-Name": "Łukasz" }), undefined]) {
    assert.equal(problemOf({ ...PROXY, headers: valid }), undefined);
  }
});

test("headers become a list of names and values", () => {
  assert.deepEqual(headerList({ "X-Partner": 1, "X-None": undefined, "X-Null": null }), [["X-Partner", "1"]]);
  assert.deepEqual(headerList([["X-Partner", "1"]]), [["X-Partner", "1"]]);
  assert.deepEqual(headerList(new Headers({ "X-Partner": "1" })), [["x-partner", "1"]]);
  assert.deepEqual(headerList(undefined), []);
});

test("options that define the session cannot change after the start", () => {
  for (const option of ["theme", "lang", "mode", "partnerName"] as const) assert.ok(isMutable(option));
  for (const option of ["headers", "createSession", "getSession", "getFrame"] as const) {
    assert.ok(isReadPerRequest(option) && !isMutable(option));
  }
  for (const option of ["proxyUrl", "platformId", "sessionId", "credentials"] as const) {
    assert.ok(!isMutable(option) && !isReadPerRequest(option));
  }
});
