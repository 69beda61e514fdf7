import type { Strings } from "../locale.js";
import type { PlainMode } from "./mode.js";
import { isStalled } from "./session.js";

/**
 * The title of each status in English, and the line below it if it needs one, without names. Locale files and the page's
 * own texts override them.
 */
export const STATUSES: Readonly<Record<string, readonly [title: string, line?: string]>> = {
  pick: ["Which account do you want to verify?"],
  start: ["Before you start", "The details that are needed will be read from your account. You sign in yourself."],
  opening: ["Opening a secure window"],
  ready: ["Ready when you are", "Sign in below."],
  awaitingUser: ["Your turn", "Continue in the window below."],
  running: ["Checking your account"],
  slow: ["This is taking longer than usual", "Keep this page open; we keep trying."],
  completed: ["Verified"],
  partial: ["Partly verified"],
  failed: ["We could not verify your account"],
  cancelled: ["You cancelled"],
  expired: ["Time ran out"],
  terminated: ["The verification was ended"],
  notFound: ["We could not find your verification"],
  couldNotStart: ["We could not start"],
  notAllowed: ["You cannot start this here", "Sign in on this site and try again."],
  frameBlocked: ["The window cannot open on this page"],
};

/** The labels of the controls in English. */
export const LABELS = {
  tryAgain: "Try again",
  startAgain: "Start again",
  newTab: "Open in a new tab",
  start: "Start",
};

/** Returns the page's or the language's text for a key, in its form without names, or else the English text. */
export function textOf(strings: Strings, key: string, english: string): string {
  const text = strings[`${key}.plain`] ?? strings[key];
  return text && !text.includes("{") ? text : english;
}

/** Returns the title and the line to show. */
export function statusText(mode: PlainMode): [title: string, line: string] {
  const name = statusName(mode);
  const [title, line] = STATUSES[name] ?? [name];
  const key = `${name === "slow" ? "reconnecting" : name}.line`;
  return [textOf(mode.strings, `${name}.title`, title), line ? textOf(mode.strings, key, line) : ""];
}

/** The texts of each status until the provider reads the account. */
const PROGRESS: Readonly<Record<string, keyof typeof STATUSES>> = {
  CREATED: "opening",
  INITIALIZING: "opening",
  CONNECTED: "opening",
  LOADING_TREE: "opening",
  READY: "ready",
  AWAITING_USER: "awaitingUser",
};

function statusName({ stage, session, frame, trouble, end, choices, isByClick }: PlainMode): string {
  if (stage === "refused") return trouble === "forbidden" ? "notAllowed" : "couldNotStart";
  if (end) return end.reason === "closed" ? "cancelled" : end.reason;
  if (session && isStalled(session)) return "notFound";
  if (trouble) return "slow";
  if (stage === "idle" && isByClick) return "start";
  if (stage === "idle") return choices?.length === 0 ? "couldNotStart" : "pick";
  if (frame.state === "unavailable") return "couldNotStart";
  if (frame.state === "blocked") return "frameBlocked";
  return PROGRESS[session?.status ?? "CREATED"] ?? "running";
}
