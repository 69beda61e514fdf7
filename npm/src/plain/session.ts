// The state of a session, and the rules that `crates/core/src/engine` has too. The recorded traces test both.
import type { FailureKind } from "../client.js";
import type { EndDetail, SessionStatus, SessionView, Step } from "../types.js";
import { isText, type SessionAccess } from "./requests.js";

/** A session in progress; after its end it keeps its last state. */
export interface Session {
  readonly sessionId: string;
  readonly access: SessionAccess;
  /** True if it was created before this page was loaded. */
  readonly resumed: boolean;
  /** Null until a server has reported it. */
  status: SessionStatus | null;
  step: Step;
  progress: number;
  /** True once the frame was announced. */
  isReady: boolean;
  /** Number of consecutive responses that deny that the session exists or may be read. */
  denials: number;
}

/** The end of a session. */
export type End = Omit<EndDetail, "sessionId">;

/** Returns true if repeating the request can help. */
export function isRetryable(kind: FailureKind): boolean {
  return ["network", "intermediary", "key-spent", "rate-limited", "server", "bad-response"].includes(kind);
}

/** Returns true if the server keeps denying that it knows the session; at once if it has never known it. */
export function isStalled({ denials, status }: Session): boolean {
  return denials >= (status === null ? 1 : 3);
}

/** Returns true if it is the user's turn in the frame. */
export function isUsersTurn(status: SessionStatus): boolean {
  return status === "READY" || status === "AWAITING_USER";
}

const STEPS: readonly Step[] = ["connect", "sign-in", "read-details", "check"];

/** The step of a status, by its index, and the reason of the end if it is one. */
const STATUSES = new Map<SessionStatus, readonly [step: number, end?: End["reason"]]>(
  Object.entries({
    RUNNING: [1],
    AWAITING_USER: [1],
    COLLECTING_DATA: [2],
    VERIFYING: [3],
    COMPLETED: [3, "completed"],
    PARTIAL_COMPLETE: [0, "partial"],
    ERROR: [0, "failed"],
    CANCELLED: [0, "cancelled"],
    TERMINATED: [0, "terminated"],
  }),
);

/** Returns the step for `status`; `step` is the furthest so far. Steps never go back. */
export function stepAfter(step: Step, status: SessionStatus): Step {
  return STEPS[Math.max(STEPS.indexOf(step), STATUSES.get(status)?.[0] ?? 0)] ?? step;
}

/** Returns the end that a view reports; `undefined` if the session has not ended. */
export function endOf({ status, errorCode, expiresAt, serverTime }: SessionView): End | undefined {
  const reason = STATUSES.get(status)?.[1];
  const isExpired = reason === "terminated" && Date.parse(`${serverTime}`) >= Date.parse(`${expiresAt}`);
  const code = reason === "failed" && isText(errorCode) && { code: errorCode.slice(0, 100) };
  return reason && { reason: isExpired ? "expired" : reason, ...code, confirmed: true };
}
