import type { TagAttributes } from "./tag.js";
import type { Mode, MutableOptions, Theme, VerifyOptions } from "./types.js";

/** The attributes, each with the option it sets. */
export const ATTRIBUTES = {
  "proxy-url": "proxyUrl",
  "platform-id": "platformId",
  "session-id": "sessionId",
  "client-token": "clientToken",
  mode: "mode",
  theme: "theme",
  lang: "lang",
  "resume-key": "resumeKey",
  "partner-name": "partnerName",
  "frame-title": "frameTitle",
  "start-screen": "startScreen",
  "privacy-url": "privacyUrl",
  "support-url": "supportUrl",
  "frame-color-scheme": "frameColorScheme",
  "auto-resize": "autoResize",
  "page-title": "pageTitle",
  debug: "debug",
} as const satisfies Record<keyof TagAttributes, keyof VerifyOptions>;

/** The options that are properties of the element. `lang` is missing because every element has it already. */
export const PROPERTIES = [
  ...Object.values(ATTRIBUTES).filter((option) => option !== "lang"),
  "credentials",
  "headers",
  "strings",
  "telemetry",
  "wasmUrl",
] as const satisfies readonly (keyof VerifyOptions)[];

const MUTABLE: readonly string[] = [
  "mode",
  "theme",
  "lang",
  "strings",
  "partnerName",
] satisfies (keyof MutableOptions)[];

/** Returns true if an option may change after the start. */
export function isMutable(option: keyof VerifyOptions): option is keyof MutableOptions {
  return MUTABLE.includes(option);
}

/** Returns the effective options: a property overrides its attribute. */
export function readOptions(element: Element, properties: VerifyOptions): VerifyOptions {
  const options: Record<string, unknown> = {};
  for (const [attribute, option] of Object.entries(ATTRIBUTES)) {
    const text = element.getAttribute(attribute);
    if (text !== null) options[option] = parse(option, text);
  }
  for (const [option, value] of Object.entries(properties)) {
    // Text is parsed like an attribute's, because templates assign their literal text to properties.
    options[option] = typeof value === "string" ? parse(option as keyof VerifyOptions, value) : value;
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || value === null) delete options[option];
  }
  return options;
}

/** Returns a message for developers if no session can start with these options. */
export function problem({ proxyUrl, headers }: VerifyOptions): string | undefined {
  if (proxyUrl === undefined) return "Set proxy-url to where the proxy's routes begin, such as /api/verification.";
  const [name] = Object.entries(headers ?? {}).find(([name, value]) => !canBeSent(name, value)) ?? [];
  if (name === undefined) return undefined;
  return `headers: "${name}" cannot be sent. Encode its value: HTTP headers are Latin-1, without line breaks.`;
}

/** Returns true if HTTP allows this header name and value. `src/options.rs` has the same rule. */
function canBeSent(name: string, value: string): boolean {
  // Browsers trim the value.
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[\0\r\n]|[^\0-\xff]/.test(`${value}`.trim());
}

/** Parses an attribute's value; `undefined` for an invalid one, so that the default applies. */
export function parse(option: keyof VerifyOptions, text: string): unknown {
  switch (option) {
    case "platformId":
      return /^[1-9]\d{0,14}$/.test(text.trim()) ? Number(text) : undefined;
    case "startScreen":
    case "autoResize":
    case "pageTitle":
    case "debug":
      return text !== "false";
    case "mode":
      return oneOf<Mode>(["inline", "modal", "bare"], text);
    case "theme":
    case "frameColorScheme":
      return oneOf<Theme>(["auto", "light", "dark"], text);
    case "credentials":
      return oneOf<RequestCredentials>(["omit", "same-origin", "include"], text);
    default:
      return text === "" ? undefined : text;
  }
}

function oneOf<T extends string>(values: readonly T[], text: string): T | undefined {
  return values.find((value) => value === text);
}
