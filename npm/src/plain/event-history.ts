import type { EventName } from "../types.js";

/** The last event of each name that the page received for a session. */
export type EventHistory = ReadonlyMap<EventName, object>;

/** Returns true if an event is new to the page. A view that takes over from another repeats nothing. */
export function isNewEvent(history: EventHistory, name: EventName, detail: Detail): boolean {
  const { sessionId } = detail;
  // Without a session there is no earlier event to repeat.
  if (name === "error" || sessionId === undefined) return true;
  const last = (of: EventName): Detail | undefined => {
    const found: Detail | undefined = history.get(of);
    return found?.sessionId === sessionId ? found : undefined;
  };
  if (last("end")) return false;
  const before = last(name);
  switch (name) {
    case "status":
      return detail.status !== before?.status;
    case "progress":
      return (detail.progress ?? 0) > (before?.progress ?? 0);
    default:
      return !before;
  }
}

interface Detail {
  readonly sessionId?: string;
  readonly status?: string;
  readonly progress?: number;
}
