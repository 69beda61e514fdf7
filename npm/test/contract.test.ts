// The element's contract with its page, in tests/fixtures/element-contract.json, agrees with the TypeScript sources and
// the generated manifest. tests/contract.rs compares it with the Rust sources and the documents.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { FailureKind } from "../src/client.js";
import { ATTRIBUTES, isMutable, isReadPerRequest, PROPERTIES } from "../src/options.js";
import type { Call } from "../src/testing/fake.js";
import type { DetailByName, EndReason, EventName, MutableOptions, VerifyOptions } from "../src/types.js";
import { Cr3dentialsVerify } from "../src/verify-element.js";
import { ROOT } from "./dom.js";

interface Contract {
  readonly attributes: Readonly<Record<string, string>>;
  readonly propertiesWithoutAttribute: readonly string[];
  readonly mutableProperties: readonly string[];
  readonly methods: readonly string[];
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly endReasons: readonly string[];
  readonly errorCodes: Readonly<Record<"request" | "verification" | "element", readonly string[]>>;
  readonly states: readonly string[];
  readonly parts: readonly string[];
  readonly cssProperties: readonly string[];
}

interface Named {
  readonly name: string;
  readonly kind?: string;
  readonly static?: boolean;
  readonly readonly?: boolean;
  readonly fieldName?: string;
  readonly description?: string;
  readonly type?: { readonly text: string };
}

type Declaration = { readonly customElement?: boolean } & Readonly<
  Record<"attributes" | "members" | "events" | "cssParts" | "cssProperties" | "cssStates", readonly Named[]>
>;

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const contract = JSON.parse(read("tests/fixtures/element-contract.json")) as Contract;
const { modules } = JSON.parse(read("npm/custom-elements.json")) as { modules: { declarations: Declaration[] }[] };
const element = modules.flatMap(({ declarations }) => declarations).find(({ customElement }) => customElement);

/** The properties that a page can set. */
const settable = [...Object.values(contract.attributes), ...contract.propertiesWithoutAttribute];

/** The keys of a type: the compiler requires each of them and allows no other. */
type Keys<T extends PropertyKey> = Readonly<Record<T, true>>;

/** The fields of an event's detail, each with "?" if it is optional. */
type Fields<T> = { readonly [Field in keyof T]-?: object extends Pick<T, Field> ? "?" : "" };

function same(actual: Iterable<string>, expected: Iterable<string>): void {
  assert.deepEqual([...new Set(actual)].sort(), [...new Set(expected)].sort());
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? "");
}

test("events have the fields of the contract", () => {
  const events: { readonly [Name in EventName]: Fields<DetailByName[Name]> } = {
    ready: { sessionId: "", mode: "", resumed: "" },
    status: { sessionId: "", status: "", step: "" },
    progress: { sessionId: "", progress: "" },
    action: { sessionId: "" },
    expiring: { sessionId: "", minutes: "" },
    complete: { sessionId: "", hasAttestation: "" },
    partial: { sessionId: "", hasAttestation: "" },
    end: { sessionId: "?", reason: "", code: "?", confirmed: "" },
    error: { sessionId: "?", code: "", message: "", retrying: "" },
  };
  const fields = Object.entries(events).map(([name, detail]) => [
    name,
    Object.entries(detail).map(([field, mark]) => `${field}${mark}`),
  ]);
  assert.deepEqual(Object.fromEntries(fields), contract.events);
});

test("a session ends for the reasons of the contract", () => {
  const reasons: Keys<EndReason> = {
    completed: true,
    partial: true,
    failed: true,
    cancelled: true,
    expired: true,
    terminated: true,
    closed: true,
  };
  same(Object.keys(reasons), contract.endReasons);
});

test("attributes and properties are those of the contract", () => {
  assert.deepEqual(ATTRIBUTES, contract.attributes);
  // Every element has `lang` already.
  same(["lang", ...PROPERTIES], settable);
  const mutable: Keys<keyof MutableOptions> = { mode: true, theme: true, lang: true, strings: true, partnerName: true };
  const perRequest = PROPERTIES.filter(isReadPerRequest);
  same([...Object.keys(mutable), ...perRequest], contract.mutableProperties);
  same(
    [...settable.filter((name) => isMutable(name as keyof VerifyOptions)), ...perRequest],
    contract.mutableProperties,
  );
});

test("the types of the options name the properties of the contract", () => {
  const options: Keys<keyof VerifyOptions> = {
    proxyUrl: true,
    platformId: true,
    sessionId: true,
    clientToken: true,
    mode: true,
    theme: true,
    lang: true,
    resumeKey: true,
    partnerName: true,
    frameTitle: true,
    startScreen: true,
    privacyUrl: true,
    supportUrl: true,
    frameColorScheme: true,
    autoResize: true,
    pageTitle: true,
    backButton: true,
    debug: true,
    credentials: true,
    headers: true,
    createSession: true,
    getSession: true,
    getFrame: true,
    strings: true,
    telemetry: true,
    wasmUrl: true,
  };
  same(Object.keys(options), settable);
});

test("the element and its fake have the methods of the contract", () => {
  const internal = /^(constructor|get|set|\w+Callback)$/;
  const members = Object.entries(Object.getOwnPropertyDescriptors(Cr3dentialsVerify.prototype));
  const methods = members.filter(([name, { value }]) => typeof value === "function" && !internal.test(name));
  same(
    methods.map(([name]) => name),
    contract.methods,
  );
  const faked: Keys<Call["method"]> = {
    open: true,
    hide: true,
    close: true,
    refresh: true,
    remount: true,
    startAgain: true,
    update: true,
    destroy: true,
  };
  same(Object.keys(faked), contract.methods);
});

test("error codes are those of the contract", () => {
  const kinds: Keys<FailureKind> = {
    network: true,
    intermediary: true,
    forbidden: true,
    "other-user": true,
    "key-spent": true,
    "not-found": true,
    "rate-limited": true,
    refused: true,
    server: true,
    "bad-response": true,
    "contract-version": true,
  };
  const { request, verification, element: only } = contract.errorCodes;
  same(Object.keys(kinds), request);
  // The fake emits what a test requests.
  const files = readdirSync(join(ROOT, "npm/src"), { recursive: true, encoding: "utf8" });
  const host = files.filter((name) => name.endsWith(".ts") && !name.startsWith("testing"));
  const codes = host.flatMap((name) => matches(read(`npm/src/${name}`), /(?:\bcode: |\breport\()"([\w-]+)"/g));
  const shared = new Set([...request, ...verification]);
  same(
    codes.filter((code) => !shared.has(code)),
    only,
  );
});

test("the element and its shell have the states and parts of the contract", () => {
  same(matches(read("npm/src/verify-element.ts"), /#setState\("(\w+)"\)/g), contract.states);
  const parts = matches(read("src/browser/shell/shell.js"), /append\(\w+, "\w+", "[\w -]+", "([\w-]+)"\)/g);
  same(parts, ["dialog", "close", "frame", "done"]);
  for (const part of parts) assert.ok(contract.parts.includes(part), part);
});

test("the manifest describes the contract", () => {
  assert.ok(element);
  const { attributes, members, events } = element;
  assert.deepEqual(Object.fromEntries(attributes.map(({ name, fieldName }) => [name, fieldName])), contract.attributes);
  const fields = members.filter((member) => member.kind === "field" && !member.readonly && !member.static);
  same(
    fields.map(({ name }) => name),
    settable,
  );
  same(
    members.filter(({ kind }) => kind === "method").map(({ name }) => name),
    contract.methods,
  );
  const details = matches(read("npm/src/types.ts"), /^ {2}readonly (\w+: \w+Detail);$/gm);
  same(
    events.map(({ name, type }) => `${name} ${type?.text}`),
    details.map((detail) => detail.replace(/(\w+): (\w+)/, "cr3d-$1 CustomEvent<$2>")),
  );
  same(
    events.map(({ name }) => name),
    Object.keys(contract.events).map((name) => `cr3d-${name}`),
  );
  const error = events.find(({ name }) => name === "cr3d-error")?.description?.split(": ")[1] ?? "";
  same(matches(error, /`([^`]+)`/g), Object.values(contract.errorCodes).flat());
  for (const [list, expected] of [
    ["cssParts", contract.parts],
    ["cssProperties", contract.cssProperties],
    ["cssStates", contract.states],
  ] as const) {
    same(
      element[list].map(({ name }) => name),
      expected,
    );
  }
});
