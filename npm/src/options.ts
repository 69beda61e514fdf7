import type { TagAttributes } from "./tag.js";
import type { MutableOptions, RequestHeaders, VerifyOptions } from "./types.js";
import { parseUrl } from "./url.js";

/** Reads an option as the page has set it; `undefined` for an invalid value, so that the default applies. */
type Reader = (value: unknown) => unknown;

const text: Reader = (value) => (value === "" ? undefined : value);
const url: Reader = (value) => text(String(value));
const flag: Reader = (value) => (typeof value === "string" ? value !== "false" : value);
const id: Reader = (value) => (/^\s*[1-9]\d{0,14}\s*$/.test(String(value)) ? Number(value) : undefined);
const callback: Reader = (value) => (typeof value === "function" ? value : undefined);
const oneOf =
  (values: readonly string[]): Reader =>
  (value) =>
    values.find((known) => known === String(value));

const MODES = ["inline", "modal", "bare"];
const THEMES = ["auto", "light", "dark"];
const CREDENTIALS = ["omit", "same-origin", "include"];

/** The options that are attributes too. */
const WITH_ATTRIBUTE = {
  proxyUrl: url,
  platformId: id,
  sessionId: text,
  clientToken: text,
  credentials: oneOf(CREDENTIALS),
  resumeKey: text,
  lang: text,
  partnerName: text,
  frameTitle: text,
  privacyUrl: text,
  supportUrl: text,
  startScreen: flag,
  autoResize: flag,
  pageTitle: flag,
  backButton: flag,
  debug: flag,
  mode: oneOf(MODES),
  theme: oneOf(THEMES),
  frameColorScheme: oneOf(THEMES),
} satisfies { readonly [Option in keyof VerifyOptions]?: Reader };

type WithAttribute = keyof typeof WITH_ATTRIBUTE;

/** The attributes, each with the option it sets: `proxy-url` sets `proxyUrl`. */
export const ATTRIBUTES = Object.fromEntries(
  Object.keys(WITH_ATTRIBUTE).map((option) => [
    option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    option,
  ]),
) as Readonly<Record<keyof TagAttributes, WithAttribute>>;

const OWN_CLIENTS = { createSession: callback, getSession: callback, getFrame: callback };

const READERS: Readonly<Record<string, Reader>> = { ...WITH_ATTRIBUTE, ...OWN_CLIENTS };

const READ_PER_REQUEST: readonly string[] = ["headers", ...Object.keys(OWN_CLIENTS)];

/** The options that are properties of the element. `lang` is missing because every element has it already. */
export const PROPERTIES = [
  ...Object.keys(WITH_ATTRIBUTE).filter((option) => option !== "lang"),
  ...READ_PER_REQUEST,
  "strings",
  "telemetry",
  "wasmUrl",
] as readonly Exclude<keyof VerifyOptions, "lang">[];

const MUTABLE: readonly string[] = [
  "mode",
  "theme",
  "lang",
  "strings",
  "partnerName",
] satisfies (keyof MutableOptions)[];

/** The options whose invalid value is an error, with the valid ones. An invalid color scheme counts as absent. */
const CHECKED = {
  platformId: ["a whole number from 1"],
  mode: MODES,
  credentials: CREDENTIALS,
  createSession: ["a function"],
  getSession: ["a function"],
  getFrame: ["a function"],
};

/** A header that HTTP allows, as its name, a line break, and its value. `src/headers.rs` has the same rule. */
const SENDABLE = /^[\w!#$%&'*+.^`|~-]+\n[^\0\r\n\u0100-\uffff]*$/;

/** Returns true if an option may change at any time, for the documentation: the element applies each in its own way. */
export function isMutable(option: keyof VerifyOptions): option is keyof MutableOptions {
  return MUTABLE.includes(option);
}

/** Returns true if an option is read for each request, so that a change needs nothing else. */
export function isReadPerRequest(option: keyof VerifyOptions): boolean {
  return READ_PER_REQUEST.includes(option);
}

/** Returns the effective options: a property overrides its attribute. */
export function readOptions(element: Element, properties: VerifyOptions): VerifyOptions {
  const options: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(given(element, properties))) {
    const read = isSet(value) ? parse(option as keyof VerifyOptions, value) : undefined;
    if (read !== undefined) options[option] = read;
  }
  return options;
}

/** Returns the options as the page has set them. */
function given(element: Element, properties: VerifyOptions): Record<string, unknown> {
  const attributes = Object.entries(ATTRIBUTES).map(([name, option]) => [option, element.getAttribute(name)]);
  return { ...Object.fromEntries(attributes), ...properties };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Returns a message for developers if no session can start with the element's options. */
export function problem(element: Element, properties: VerifyOptions): string | undefined {
  const [raw, options] = [given(element, properties), readOptions(element, properties)];
  for (const [option, valid] of Object.entries(CHECKED)) {
    if (isSet(raw[option]) && !(option in options)) return invalid(option, raw[option], valid);
  }
  const { proxyUrl, platformId, headers } = options;
  if (proxyUrl === undefined) {
    if (platformId === undefined || !Object.keys(OWN_CLIENTS).every((option) => option in options)) {
      return "Set proxy-url to the proxy's routes, such as /api/verification.";
    }
  } else if (!/^https?:/.test(`${parseUrl(proxyUrl, document.baseURI)}`)) {
    return invalid("proxy-url", proxyUrl, ["a path", "an HTTP URL"]);
  }
  return typeof headers === "function" ? undefined : headerProblem(headers);
}

function headerProblem(headers: RequestHeaders | undefined): string | undefined {
  let bad: readonly string[] | undefined;
  try {
    bad = headerList(headers).find(([name, value]) => !SENDABLE.test(`${name}\n${value.trim()}`));
  } catch {
    bad = [typeof headers];
  }
  // Never with the value: it may be a secret.
  return bad && invalid("headers", bad[0], ["Latin-1 values", "a function"]);
}

function invalid(option: string, value: unknown, valid: readonly string[]): string {
  return `${option}: "${value}" is invalid. Valid: ${valid.join(", ")}.`;
}

/** Returns headers as names and values. Values that are `undefined` or `null` are left out. */
export function headerList(headers: RequestHeaders | null | undefined): [name: string, value: string][] {
  const given = headers ?? {};
  const entries: Iterable<readonly unknown[]> = Symbol.iterator in given ? given : Object.entries(given);
  return [...entries].filter(([, value]) => isSet(value)).map(([name, value]) => [`${name}`, `${value}`]);
}

/** Reads an option's value, as an attribute or as a property. */
export function parse(option: keyof VerifyOptions, value: unknown): unknown {
  // Text is read like an attribute's, because templates assign their literal text to properties.
  return (READERS[option] ?? text)(value);
}
