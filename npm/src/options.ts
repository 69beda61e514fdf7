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
  mode: oneOf(MODES),
  theme: oneOf(THEMES),
  lang: text,
  resumeKey: text,
  partnerName: text,
  frameTitle: text,
  startScreen: flag,
  privacyUrl: text,
  supportUrl: text,
  frameColorScheme: oneOf(THEMES),
  autoResize: flag,
  pageTitle: flag,
  backButton: flag,
  debug: flag,
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

/** Returns true if the view must be notified when an option changes. */
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
  // Never a value: it may be a secret.
  let name: string | undefined;
  try {
    for (const header of headerList(headers)) {
      [name] = header;
      new Headers([header]);
    }
    return undefined;
  } catch {
    return invalid("headers", name ?? typeof headers, [
      "names with Latin-1 values without line breaks",
      "a function that returns them",
    ]);
  }
}

function invalid(option: string, value: unknown, valid: readonly string[]): string {
  return `${option}: "${value}" is invalid. Valid: ${valid.join(", ")}.`;
}

/** Returns headers as names and values. Values that are `undefined` or `null` are left out. */
export function headerList(headers: RequestHeaders | null | undefined): [name: string, value: string][] {
  const isIterable = headers && Symbol.iterator in headers;
  const entries: Iterable<readonly unknown[]> = isIterable ? headers : Object.entries(headers ?? {});
  return [...entries].flatMap(([name, value]) => (isSet(value) ? [[String(name), String(value)]] : []));
}

/** Reads an option's value, as an attribute or as a property. */
export function parse(option: keyof VerifyOptions, value: unknown): unknown {
  // Text is read like an attribute's, because templates assign their literal text to properties.
  return (READERS[option] ?? text)(value);
}
