import type { EndDetail, SessionStatus, Step } from "../types.js";
import type { Script, ScriptEvent } from "./rules.js";

/** The options of the scripts. */
export interface ScriptOptions {
  /** The session's id. By default each script gets a new one, and ids are the same in every run. */
  sessionId?: string;
  /** True if the data comes with an attestation; used by `completed` and `partial`. */
  hasAttestation?: boolean;
}

/** The user signs in and all data is read. */
export function completed({ sessionId = nextId(), hasAttestation = true }: ScriptOptions = {}): Script {
  return [
    ...opened(sessionId),
    ...moved(sessionId, "AWAITING_USER", "sign-in", 30),
    ...moved(sessionId, "COLLECTING_DATA", "read-details", 60),
    ...moved(sessionId, "VERIFYING", "check", 90),
    ...moved(sessionId, "COMPLETED", "check", 100),
    ["complete", { sessionId, hasAttestation }],
    end(sessionId, { reason: "completed" }),
  ];
}

/** Some of the data is read. */
export function partial({ sessionId = nextId(), hasAttestation = false }: ScriptOptions = {}): Script {
  return [
    ...opened(sessionId),
    ...moved(sessionId, "PARTIAL_COMPLETE", "connect", 40),
    ["partial", { sessionId, hasAttestation }],
    end(sessionId, { reason: "partial" }),
  ];
}

/** The provider fails, with an error code or without one. */
export function failed(code?: string, { sessionId = nextId() }: ScriptOptions = {}): Script {
  return [
    ...opened(sessionId),
    ...moved(sessionId, "ERROR", "connect", 40),
    ...(code === undefined ? [] : [refused(sessionId, code)]),
    end(sessionId, { reason: "failed", ...(code !== undefined && { code }) }),
  ];
}

/** The user cancels in the frame. */
export function cancelled({ sessionId = nextId() }: ScriptOptions = {}): Script {
  return [
    ...opened(sessionId),
    ...moved(sessionId, "CANCELLED", "connect", 40),
    end(sessionId, { reason: "cancelled" }),
  ];
}

/** The session expires before the user signs in. */
export function expired({ sessionId = nextId() }: ScriptOptions = {}): Script {
  return [
    ...created(sessionId),
    ...moved(sessionId, "TERMINATED", "connect", 5),
    end(sessionId, { reason: "expired" }),
  ];
}

/** The provider ends the session before it expires. */
export function terminated({ sessionId = nextId() }: ScriptOptions = {}): Script {
  return [
    ...opened(sessionId),
    ...moved(sessionId, "TERMINATED", "connect", 40),
    end(sessionId, { reason: "terminated" }),
  ];
}

function created(sessionId: string): ScriptEvent[] {
  return [
    ["status", { sessionId, status: "CREATED", step: "connect" }],
    ["ready", { sessionId, mode: "full", resumed: false }],
  ];
}

function opened(sessionId: string): ScriptEvent[] {
  return [...created(sessionId), ...moved(sessionId, "READY", "connect", 5)];
}

function moved(sessionId: string, status: SessionStatus, step: Step, progress: number): ScriptEvent[] {
  const action: ScriptEvent[] = status === "AWAITING_USER" ? [["action", { sessionId }]] : [];
  return [["status", { sessionId, status, step }], ...action, ["progress", { sessionId, progress }]];
}

function refused(sessionId: string, code: string): ScriptEvent {
  const message = "The provider ended the verification with this code. The user can try again.";
  return ["error", { sessionId, code: `provider:${code}`, message, retrying: false }];
}

function end(sessionId: string, why: Pick<EndDetail, "reason" | "code">): ScriptEvent {
  return ["end", { sessionId, ...why, confirmed: true }];
}

let ids = 0;

function nextId(): string {
  ids += 1;
  return `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
}
