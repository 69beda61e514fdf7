import type { TagAttributes } from "./tag.js";
import type { Mode, MutableOptions, Theme, VerifyOptions } from "./types.js";

/** Every attribute and the option it sets. */
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

/** The options that are properties of the element. `lang` is one of every element already. */
export const PROPERTIES = [
  ...Object.values(ATTRIBUTES).filter((option) => option !== "lang"),
  "credentials",
  "headers",
  "strings",
  "telemetry",
  "wasmUrl",
] as const satisfies readonly (keyof VerifyOptions)[];

const MUTABLE: readonly string[] = ["mode", "theme", "lang", "strings", "partnerName"] satisfies (keyof MutableOptions)[];

/** Whether an option may change after the start. */
export function isMutable(option: keyof VerifyOptions): option is keyof MutableOptions {
  return MUTABLE.includes(option);
}

/** The options in force: what a property says, else what its attribute says. */
export function readOptions(element: Element, properties: VerifyOptions): VerifyOptions {
  const options: Record<string, unknown> = {};
  for (const [attribute, option] of Object.entries(ATTRIBUTES)) {
    const text = element.getAttribute(attribute);
    if (text !== null) options[option] = parse(option, text);
  }
  for (const [option, value] of Object.entries(properties)) {
    // Text is read as an attribute's would be: templates set properties to what stands in them.
    options[option] = typeof value === "string" ? parse(option as keyof VerifyOptions, value) : value;
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || value === null) delete options[option];
  }
  return options;
}

/** Why nothing can begin with these options, for developers; nothing when it can. */
export function problem({ proxyUrl, headers }: VerifyOptions): string | undefined {
  if (proxyUrl === undefined) return "Set proxy-url to where the proxy's routes begin, such as /api/verification.";
  const [name] = Object.entries(headers ?? {}).find(([name, value]) => !canBeSent(name, value)) ?? [];
  if (name === undefined) return undefined;
  return `headers: "${name}" cannot be sent. Encode its value: HTTP headers are Latin-1, without line breaks.`;
}

/** Returns whether HTTP has a place for this name and value. `src/options.rs` has the same rule. */
function canBeSent(name: string, value: string): boolean {
  // Browsers strip what is at the ends.
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[\0\r\n]|[^\0-\xff]/.test(`${value}`.trim());
}

/** An attribute's value; `undefined` where it makes no sense, so that the default holds. */
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
