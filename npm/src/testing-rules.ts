import type { DetailByName, EndDetail, EventName, SessionStatus, Step } from "./types.js";

/** An event to come: its name without the prefix `cr3d-`, and its detail. */
export type ScriptEvent = { [Name in EventName]: readonly [name: Name, detail: DetailByName[Name]] }[EventName];

/** Events in the order in which they come. It is plain data, so it can be sent to another process. */
export type Script = readonly ScriptEvent[];

/** What was said so far: of the session under way or the last one, and which sessions are over. */
export interface Told {
  readonly over: readonly string[];
  readonly sessionId?: string;
  readonly status?: SessionStatus;
  readonly step?: Step;
  readonly progress?: number;
  readonly ready?: boolean;
  /** The event that has said that there is data: the end comes right after it. */
  readonly data?: "complete" | "partial";
  readonly end?: EndDetail;
}

/** Nothing was said yet. */
export const NOTHING: Told = { over: [] };

const STEPS: readonly Step[] = ["connect", "sign-in", "read-details", "check"];

/** The status that each end follows on. An expiry may come without one, when no server can be reached. */
const STATUS_OF: Readonly<Partial<Record<EndDetail["reason"], SessionStatus>>> = {
  completed: "COMPLETED",
  partial: "PARTIAL_COMPLETE",
  failed: "ERROR",
  cancelled: "CANCELLED",
  terminated: "TERMINATED",
};

/**
 * What was said when this event was said too.
 *
 * @throws when the element would never say it now, with the reason
 */
export function tell(before: Told, [name, detail]: ScriptEvent): Told {
  const refuse = (why: string): never => {
    throw new Error(`cr3d-${name} cannot come now: ${why}`);
  };
  const told = enter(before, name, detail.sessionId, refuse);
  if (told.data && name !== "end") refuse(`after cr3d-${told.data} there is only the end`);
  switch (name) {
    case "status":
      if (STEPS.indexOf(detail.step) < STEPS.indexOf(told.step ?? "connect")) refuse("the steps never go back");
      return { ...told, status: detail.status, step: detail.step };
    case "ready":
      if (told.ready) refuse("it comes once for each session");
      return { ...told, ready: true };
    case "progress":
      if (!Number.isInteger(detail.progress) || detail.progress > 100) refuse("progress is a whole number up to 100");
      if (detail.progress <= (told.progress ?? 0)) refuse("progress only grows");
      return { ...told, progress: detail.progress };
    case "action":
      if (told.status !== "AWAITING_USER") refuse("it follows on the status AWAITING_USER");
      return told;
    case "complete":
    case "partial":
      if (told.status !== (name === "complete" ? "COMPLETED" : "PARTIAL_COMPLETE")) refuse("the status says otherwise");
      return { ...told, data: name };
    case "end":
      return end(told, detail, refuse);
    case "expiring":
    case "error":
      return told;
    default:
      return refuse("there is no such event");
  }
}

/** The session that an event is about: the one under way, or a new one after an end. */
function enter(told: Told, name: EventName, sessionId: string | undefined, refuse: (why: string) => never): Told {
  if (sessionId === undefined) return name === "error" || name === "end" ? told : refuse("it needs a sessionId");
  if (told.over.includes(sessionId)) return refuse(`session ${sessionId} has ended, and nothing comes after an end`);
  const underWay = told.sessionId !== undefined && !told.end;
  if (underWay && told.sessionId !== sessionId) return refuse(`session ${told.sessionId} has not ended`);
  const same = underWay ? told : { over: told.over, sessionId };
  const early: readonly EventName[] = ["status", "error", "expiring", "end"];
  return same.status === undefined && !early.includes(name) ? refuse("a session begins with its status") : same;
}

function end(told: Told, detail: EndDetail, refuse: (why: string) => never): Told {
  const { sessionId, reason, code, confirmed } = detail;
  const data = { complete: "completed", partial: "partial" } as const;
  if (told.data && data[told.data] !== reason) refuse(`after cr3d-${told.data} the reason is ${data[told.data]}`);
  if (!told.data && reason === "completed") refuse("cr3d-complete comes before it");
  if (!told.data && reason === "partial") refuse("cr3d-partial comes before it");
  const wanted = reason === "expired" && confirmed ? "TERMINATED" : STATUS_OF[reason];
  if (wanted !== undefined && told.status !== wanted) refuse(`${reason} follows on the status ${wanted}`);
  if (code !== undefined && code !== null && reason !== "failed") refuse("only a failure has a code");
  if (!confirmed && reason !== "expired") refuse("only an expiry can be unconfirmed");
  if (sessionId === undefined) {
    if (reason !== "closed") refuse("it needs a sessionId");
    if (told.sessionId !== undefined && !told.end) refuse(`session ${told.sessionId} is under way`);
    return { over: told.over, end: detail };
  }
  return { ...told, end: detail, over: [...told.over, sessionId] };
}
