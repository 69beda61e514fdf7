import type { EventName } from "../types.js";

/** What the page was told of a session: of each event the last. */
export type Told = ReadonlyMap<EventName, object>;

/** Whether the page does not know this yet. A view that takes over from another says nothing twice. */
export function isNews(told: Told, name: EventName, detail: Detail): boolean {
  const { sessionId } = detail;
  // Without a session there is nothing that could have been said of it.
  if (name === "error" || sessionId === undefined) return true;
  const last = (of: EventName): Detail | undefined => {
    const found: Detail | undefined = told.get(of);
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
