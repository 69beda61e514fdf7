import type { Strings, Texts } from "../locale.js";
import type { End, PlainView } from "./protocol.js";

/**
 * The English texts that plain mode needs, in their form without names, for when no file can be loaded. Locale files
 * and the page's own texts override them.
 */
export const ENGLISH: Strings = {
  frameTitle: "Account verification",
  "pick.title": "Which account do you want to verify?",
  "noPlatforms.title": "Nothing to choose from right now",
  "noPlatforms.line": "Please come back later.",
  "start.title": "Before you start",
  "start.line": "The details that are needed will be read from your account. You sign in yourself.",
  "opening.title": "Opening a secure window",
  "opening.line": "This takes a few seconds.",
  "ready.title": "Ready when you are",
  "ready.line": "Sign in below.",
  "connected.title": "Opening the sign-in page",
  "awaitingUser.title": "Your turn",
  "awaitingUser.line": "Continue in the window below.",
  "running.title": "Checking your account",
  "running.line": "Please keep this page open.",
  "collecting.title": "Reading your account details",
  "collecting.line": "Nothing to do for you now.",
  "verifying.title": "Making sure that the details are genuine",
  "verifying.line": "Nearly done.",
  "unknown.title": "Still working",
  "completed.title": "Verified",
  "completed.line": "Your account is verified.",
  "partial.title": "Partly verified",
  "partial.line": "Some of your details could be read. You will be told if more is needed.",
  "failed.title": "We could not verify your account",
  "failed.line": "Try again. If it keeps happening, quote this code:",
  "failedWithoutCode.line": "Try again. If it keeps happening, ask for help.",
  "cancelled.title": "You cancelled",
  "cancelled.line": "Start again whenever you like.",
  "expired.title": "Time ran out",
  "expired.line": "Start again; it takes a few minutes.",
  "terminated.title": "The verification was ended",
  "terminated.line": "Start again, or ask for help.",
  "stalled.title": "We cannot see your verification any more",
  "notFound.title": "We could not find your verification",
  "notFound.line": "Start again.",
  "couldNotStart.title": "We could not start",
  "couldNotStart.line": "Try again.",
  "notAllowed.title": "You cannot start this here",
  "notAllowed.line": "Sign in on this site and try again.",
  "busy.title": "Many people are verifying right now",
  "tryingAgain.one": "We will try again in {n} second.",
  "tryingAgain.other": "We will try again in {n} seconds.",
  "offline.title": "You are offline",
  "offline.line": "We carry on when the connection is back.",
  "reconnecting.title": "Reconnecting",
  "reconnecting.line": "Keep this page open; we keep trying.",
  "frameBlocked.title": "The window cannot open on this page",
  "frameBlocked.line": "Open it in a new tab.",
  "noFrame.title": "The window could not be opened again",
  nothingThere: "Nothing there?",
  "minutesLeft.one": "{n} minute left",
  "minutesLeft.other": "{n} minutes left",
  expiring: "Finish now, or start again.",
  tryAgain: "Try again",
  startAgain: "Start again",
  newTab: "Open in a new tab",
  start: "Start",
  close: "Close",
};

/** The names that texts may contain, if known. */
export interface Names {
  readonly platform?: string | undefined;
  readonly partner?: string | undefined;
}

/** Returns the text for a key with the names filled in, or its form without names. */
export function fill({ strings }: Texts, names: Names, key: string): string {
  const whole = strings[key] && named(strings[key], names);
  return whole || strings[`${key}.plain`] || ENGLISH[key] || "";
}

/** Returns the text in the plural form for `number`, with the language's digits. */
export function count({ lang, strings }: Texts, key: string, number: number): string {
  let [category, digits] = [number === 1 ? "one" : "other", String(number)];
  try {
    category = new Intl.PluralRules(lang).select(number);
    digits = new Intl.NumberFormat(lang).format(number);
  } catch {
    // The browser does not know the language: English rules apply.
  }
  const english = ENGLISH[`${key}.${number === 1 ? "one" : "other"}`] ?? "";
  const form = strings[`${key}.${category}`] ?? strings[`${key}.other`] ?? english;
  return form.replace("{n}", digits);
}

/** Returns true if a language is written from right to left. */
export function isRtl(lang: string): boolean {
  return ["ar", "fa", "he", "ur"].includes(lang.split("-")[0] ?? "");
}

/** The keys of a title and the line below it. */
export type StatusText = readonly [title: string, line: string];

const LIFECYCLE: ReadonlyMap<string | null, StatusText> = new Map([
  [null, ["opening.title", "opening.line"]],
  ["CREATED", ["opening.title", "opening.line"]],
  ["INITIALIZING", ["opening.title", "opening.line"]],
  ["READY", ["ready.title", "ready.line"]],
  ["CONNECTED", ["connected.title", "opening.line"]],
  ["LOADING_TREE", ["connected.title", "opening.line"]],
  ["AWAITING_USER", ["awaitingUser.title", "awaitingUser.line"]],
  ["RUNNING", ["running.title", "running.line"]],
  ["COLLECTING_DATA", ["collecting.title", "collecting.line"]],
  ["VERIFYING", ["verifying.title", "verifying.line"]],
] as const satisfies [string | null, StatusText][]);

/** Returns the texts for `view`; problems take precedence. `byClick` is true if the user only has to click Start. */
export function statusText(view: PlainView, byClick: boolean): StatusText {
  const { stage, status } = view;
  if (typeof stage === "object") return "ended" in stage ? ended(stage.ended) : refused(stage.notStarted);
  if (stage === "idle") return byClick ? ["start.title", "start.line"] : ["pick.title", ""];
  if (view.connection === "offline") return ["offline.title", "offline.line"];
  if (view.connection === "busy") return ["busy.title", "reconnecting.line"];
  if (view.stalled && status === null) return ["notFound.title", "notFound.line"];
  if (view.stalled) return ["stalled.title", "terminated.line"];
  if (view.connection === "reconnecting") return ["reconnecting.title", "reconnecting.line"];
  if (view.frame === "blocked") return ["frameBlocked.title", "frameBlocked.line"];
  if (view.frame === "unavailable") return ["noFrame.title", "notFound.line"];
  return LIFECYCLE.get(status) ?? ["unknown.title", "running.line"];
}

function refused(kind: string): StatusText {
  return kind === "forbidden" ? ["notAllowed.title", "notAllowed.line"] : ["couldNotStart.title", "couldNotStart.line"];
}

function ended({ reason, code }: End): StatusText {
  if (reason === "failed") return ["failed.title", code ? "failed.line" : "failedWithoutCode.line"];
  if (reason === "closed") return ["cancelled.title", "cancelled.line"];
  return [`${reason}.title`, `${reason}.line`];
}

/** Fills in the names; `undefined` if one is missing. */
function named(text: string, names: Names): string | undefined {
  const filled = text
    .replaceAll("{platform}", () => names.platform || "{platform}")
    .replaceAll("{partner}", () => names.partner || "{partner}");
  return /\{(platform|partner)\}/.test(filled) ? undefined : filled;
}
