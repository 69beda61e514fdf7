// The constants, tables and texts of `crates/core/src/engine`. The recorded traces test both against each other.
import type { SessionStatus, Step } from "../types.js";
import type { End, Failure, FailureKind, SessionView } from "./protocol.js";

/** Interval between status polls while the provider works, in milliseconds (as all durations here). */
export const POLL_MACHINE = 2_000;
/** Interval between status polls while it is the user's turn. */
export const POLL_USER = 4_000;
/** Timeout for a status request; there are no long polls here. */
export const POLL_TIMEOUT = 10_000;
/** Minimum time between the starts of two status requests. */
export const POLL_SPACING = 500;
/** Minimum age of a fresh status request before a hint may cancel it. */
export const HINT_MIN_AGE = 3_000;
/** Number of denials, and their minimum duration, that stall a session, and the poll interval after that. */
export const STALL = { denials: 3, after: 30_000, poll: 60_000 };
/** Maximum number of consecutive sessions of another user before an error is shown. */
export const RENEWALS = 2;
export const CREATE_TIMEOUT = 40_000;
export const CREATE_TRIES = 4;
export const EMBED_TIMEOUT = 20_000;
/** Minimum time between two fetches of an embed URL. */
export const EMBED_SPACING = 10_000;
/** Time in status `READY` after which a new window is offered. */
export const OFFER_WINDOW_AFTER = 20_000;
/** Time before `expiresAt` at which the user is warned. */
export const EXPIRING_BEFORE = 300_000;
/** Time past `expiresAt` after which a session with an unreachable server ends. */
export const EXPIRED_AFTER = 60_000;

export const NO_RESPONSE: Failure = { kind: "network", retryAfter: null };
export const INVALID_RESPONSE: Failure = { kind: "bad-response", retryAfter: null };

/** Explanations of each kind of failure for developers, with what to do. */
export const MESSAGES: Readonly<Record<FailureKind, string>> = {
  network: "The proxy cannot be reached. Check proxy-url, CORS and the network.",
  forbidden: "The proxy refused the request. Check the user's sign-in and the proxy's allowed origins.",
  "other-user":
    "The session belongs to another user of this browser. Check that your server identifies the user in the same way for every request.",
  "key-spent": "It is unknown whether the last request created a session. The next attempt uses a new key.",
  "not-found": "The proxy does not know this session or path. Check proxy-url, the session id and the client token.",
  "rate-limited": "Too many requests at the moment.",
  refused: "The proxy refused the request. Check platform-id and the options.",
  server: "The proxy or the provider had an error. See the proxy's log.",
  "bad-response": "The proxy's response cannot be parsed. Check that proxy-url leads to the proxy.",
  intermediary:
    "Something between the page and the proxy responded instead of it, such as a gateway, a firewall or a sign-in page. Check that proxy-url leads to the proxy.",
  "contract-version": "The versions of component and proxy are too far apart. Update the older one.",
};

/** Returns true if repeating the request can help. */
export function isRetryable(kind: FailureKind): boolean {
  return ["network", "key-spent", "rate-limited", "server", "bad-response", "intermediary"].includes(kind);
}

/**
 * Returns the delay after consecutive failures: the server's, at most two minutes, or full-jitter backoff up to 30 s.
 */
export function backoff(failures: number, retryAfter: number | null, random: number): number {
  if (retryAfter !== null) return Math.min(retryAfter, 120_000);
  const step = Math.min(1_000 * 2 ** Math.min(failures - 1, 20), 30_000);
  return Math.floor(random * (step + 1));
}

/** Returns true if it is the user's turn. */
export function awaitsUser(status: SessionStatus | null): boolean {
  return status === "READY" || status === "AWAITING_USER";
}

const STEPS: readonly Step[] = ["connect", "sign-in", "read-details", "check"];

/** Returns the step for `status`; `step` is the furthest so far. Steps never go back. */
export function stepAfter(step: Step, status: SessionStatus): Step {
  const next = Math.max(STEPS.indexOf(step), stepOf(status));
  return STEPS[next] ?? step;
}

function stepOf(status: SessionStatus): number {
  switch (status) {
    case "RUNNING":
    case "AWAITING_USER":
      return 1;
    case "COLLECTING_DATA":
      return 2;
    case "VERIFYING":
    case "COMPLETED":
      return 3;
    default:
      return 0;
  }
}

/** Returns the end that a view reports; `undefined` if the session has not ended. */
export function endOf(view: SessionView, serverNow: number): End | undefined {
  switch (view.status) {
    case "COMPLETED":
      return { reason: "completed", confirmed: true };
    case "PARTIAL_COMPLETE":
      return { reason: "partial", confirmed: true };
    case "ERROR":
      return { reason: "failed", ...(view.errorCode && { code: view.errorCode }), confirmed: true };
    case "CANCELLED":
      return { reason: "cancelled", confirmed: true };
    case "TERMINATED": {
      const expiresAt = timeOf(view.expiresAt);
      const expired = expiresAt !== undefined && serverNow >= expiresAt;
      return { reason: expired ? "expired" : "terminated", confirmed: true };
    }
    default:
      return undefined;
  }
}

const TIMESTAMP = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Parses an ISO 8601 timestamp to milliseconds since 1970; `undefined` for any other text. */
export function timeOf(text: string | null | undefined): number | undefined {
  const time = text && TIMESTAMP.test(text) ? Date.parse(text.replace(" ", "T").toUpperCase()) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
