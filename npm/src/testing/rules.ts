import type { DetailByName, EndDetail, EventName, SessionStatus, Step } from "../types.js";

/** An event of a script: its name without the prefix `cr3d-`, and its detail. */
export type ScriptEvent = { [Name in EventName]: readonly [name: Name, detail: DetailByName[Name]] }[EventName];

/** Events in the order in which they are emitted. It is plain data, so it can be sent to another process. */
export type Script = readonly ScriptEvent[];

/** The state after the events so far: the current or last session, and the sessions that have ended. */
export interface ScriptState {
  readonly ended: readonly string[];
  readonly sessionId?: string;
  readonly status?: SessionStatus;
  readonly step?: Step;
  readonly progress?: number;
  readonly ready?: boolean;
  /** The event that announced data. Only the end may follow it. */
  readonly data?: "complete" | "partial";
  readonly end?: EndDetail;
}

/** The state before any event. */
export const INITIAL_STATE: ScriptState = { ended: [] };

const STEPS: readonly Step[] = ["connect", "sign-in", "read-details", "check"];

/** The status that precedes each end. An expiry may come without one, if no server can be reached. */
const STATUS_OF: Readonly<Partial<Record<EndDetail["reason"], SessionStatus>>> = {
  completed: "COMPLETED",
  partial: "PARTIAL_COMPLETE",
  failed: "ERROR",
  cancelled: "CANCELLED",
  terminated: "TERMINATED",
};

/**
 * Returns the state after one more event.
 *
 * @throws if the element would never emit the event in this state, with the reason
 */
export function advance(before: ScriptState, [name, detail]: ScriptEvent): ScriptState {
  const refuse = (why: string): never => {
    throw new Error(`cr3d-${name} is not possible here: ${why}`);
  };
  const state = stateOf(before, name, detail.sessionId, refuse);
  if (state.data && name !== "end") refuse(`only the end may follow cr3d-${state.data}`);
  switch (name) {
    case "status":
      if (STEPS.indexOf(detail.step) < STEPS.indexOf(state.step ?? "connect")) refuse("steps never go back");
      return { ...state, status: detail.status, step: detail.step };
    case "ready":
      if (state.ready) refuse("it is emitted once for each session");
      return { ...state, ready: true };
    case "progress":
      if (!Number.isInteger(detail.progress) || detail.progress > 100) refuse("progress is a whole number up to 100");
      if (detail.progress <= (state.progress ?? 0)) refuse("progress only increases");
      return { ...state, progress: detail.progress };
    case "action":
      if (state.status !== "AWAITING_USER") refuse("the status must be AWAITING_USER");
      return state;
    case "complete":
    case "partial":
      if (state.status !== (name === "complete" ? "COMPLETED" : "PARTIAL_COMPLETE"))
        refuse("the status does not match");
      return { ...state, data: name };
    case "end":
      return endState(state, detail, refuse);
    case "expiring":
    case "error":
      return state;
    default:
      return refuse("there is no event of this name");
  }
}

/** Returns the state of the event's session: the current one, or a new one after an end. */
function stateOf(
  state: ScriptState,
  name: EventName,
  sessionId: string | undefined,
  refuse: (why: string) => never,
): ScriptState {
  if (sessionId === undefined) return name === "error" || name === "end" ? state : refuse("sessionId is missing");
  if (state.ended.includes(sessionId)) return refuse(`session ${sessionId} has ended, and the end is the last event`);
  const inProgress = state.sessionId !== undefined && !state.end;
  if (inProgress && state.sessionId !== sessionId) return refuse(`session ${state.sessionId} has not ended`);
  const same = inProgress ? state : { ended: state.ended, sessionId };
  const early: readonly EventName[] = ["status", "error", "expiring", "end"];
  return same.status === undefined && !early.includes(name) ? refuse("a session starts with its status") : same;
}

function endState(state: ScriptState, detail: EndDetail, refuse: (why: string) => never): ScriptState {
  const { sessionId, reason, code, confirmed } = detail;
  const data = { complete: "completed", partial: "partial" } as const;
  if (state.data && data[state.data] !== reason)
    refuse(`after cr3d-${state.data} the reason must be ${data[state.data]}`);
  if (!state.data && reason === "completed") refuse("cr3d-complete must come before it");
  if (!state.data && reason === "partial") refuse("cr3d-partial must come before it");
  const wanted = reason === "expired" && confirmed ? "TERMINATED" : STATUS_OF[reason];
  if (wanted !== undefined && state.status !== wanted) refuse(`the status must be ${wanted} before ${reason}`);
  if (code !== undefined && code !== null && reason !== "failed") refuse("only a failure has a code");
  if (!confirmed && reason !== "expired") refuse("only an expiry can be unconfirmed");
  if (sessionId === undefined) {
    if (reason !== "closed") refuse("sessionId is missing");
    if (state.sessionId !== undefined && !state.end) refuse(`session ${state.sessionId} is in progress`);
    return { ended: state.ended, end: detail };
  }
  return { ...state, end: detail, ended: [...state.ended, sessionId] };
}
