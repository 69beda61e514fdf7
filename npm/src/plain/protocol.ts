// The inputs and effects of the engine, in the format of the recorded traces that both engines replay.
import type { Created, DetailByName, EndReason, EventName, ReadyDetail, SessionStatus, Step } from "../types.js";

/** The driver's clocks, in whole milliseconds. */
export interface Now {
  /** A monotonic clock, for all delays and timeouts. */
  readonly mono: number;
  /** The device's clock, since 1970: only for `expiresAt`, corrected by the server's clock. */
  readonly wall: number;
}

/** The result of a request. */
export type Outcome<T> = { readonly Ok: T } | { readonly Err: Failure };

/** The failure of a request. */
export interface Failure {
  readonly kind: FailureKind;
  /** The delay that the server requested before the next attempt, in milliseconds. */
  readonly retryAfter: number | null;
}

export type FailureKind =
  | "network"
  | "forbidden"
  | "other-user"
  | "key-spent"
  | "not-found"
  | "rate-limited"
  | "refused"
  | "server"
  | "bad-response"
  | "intermediary"
  | "contract-version";

/** The data a reloaded page needs to resume a session. */
export interface Saved {
  readonly sessionId: string;
  readonly clientToken: string;
  readonly platformId?: number | null;
  readonly expiresAt?: string | null;
}

/** With `frameUrl`, the session's iframe is already loaded and alive, so no other is fetched. */
export type Resumed = Saved & { readonly frameUrl?: string };

export type Begin =
  | { readonly new: { readonly platformId: number; readonly key: string | null; readonly failure?: Failure } }
  | { readonly given: Created }
  | { readonly resume: Resumed };

/** The platform of a session, as the view knows it. */
export interface Platform {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly icon: string | null;
}

/** The proxy's response to a status request. */
export interface SessionView {
  readonly sessionId: string;
  readonly status: SessionStatus;
  readonly progress: number;
  readonly platformId: number | null;
  readonly platform: Platform | null;
  readonly expiresAt: string | null;
  readonly errorCode: string | null;
  readonly hasAttestation: boolean;
  readonly rev: number;
  readonly serverTime: string | null;
}

export type FrameSignal = "loaded" | "hint" | "cspBlocked" | "lost";
export type PageSignal = "visible" | "hidden" | "frozen" | "restored" | "online" | "offline";
export type HostAction = "refresh" | "remount" | "startAgain" | "close" | "destroy";

/** Everything that can happen during a verification. */
export type Input =
  | "tick"
  | { readonly start: Begin }
  | { readonly created: readonly [call: number, Outcome<Created>] }
  | {
      readonly status: readonly [call: number, { readonly result: Outcome<SessionView>; readonly longPolled: boolean }];
    }
  | { readonly embed: readonly [call: number, Outcome<{ readonly embedUrl: string }>] }
  | { readonly frame: readonly [frame: number, FrameSignal] }
  | { readonly page: PageSignal }
  | { readonly host: HostAction };

/** The reason for the end; `confirmed` is true if a server reported it. */
export interface End {
  readonly reason: EndReason;
  /** With `failed` only. */
  readonly code?: string;
  readonly confirmed: boolean;
}

/** The details of events, before the driver adds the mode. */
export interface Details extends Omit<DetailByName, "ready"> {
  readonly ready: Omit<ReadyDetail, "mode">;
}

export type Emitted = { [Name in EventName]: { readonly [K in Name]: Details[Name] } }[EventName];

/** An action for the driver. */
export type Effect =
  | "notifyClosed"
  | "forget"
  | "renew"
  | { readonly create: { readonly call: number; readonly key: string; readonly platformId: number } }
  | {
      readonly pollStatus: {
        readonly call: number;
        readonly after: number;
        readonly waitSecs: 0;
        readonly fresh: boolean;
      };
    }
  | { readonly fetchEmbedUrl: { readonly call: number } }
  | { readonly cancel: number }
  | { readonly mount: readonly [frame: number, url: string] }
  | { readonly drop: number }
  | { readonly save: Saved }
  | { readonly emit: Emitted };

/** Everything the screen shows. */
export interface PlainView {
  readonly stage:
    | "idle"
    | "creating"
    | "live"
    | "destroyed"
    | { readonly notStarted: FailureKind }
    | { readonly ended: End };
  readonly sessionId: string | null;
  readonly status: SessionStatus | null;
  /** The furthest step so far. */
  readonly step: Step;
  /** The greatest progress so far, 0–100. */
  readonly progress: number;
  readonly platform: Platform | null;
  readonly connection: "fine" | "reconnecting" | "busy" | "offline";
  /** True if the server keeps denying that it knows the session. */
  readonly stalled: boolean;
  readonly frame: "none" | "shown" | "blocked" | "unavailable";
  /** A fresh URL to offer as a link to a new window. */
  readonly window: string | null;
  /** Minutes until the session expires; null unless that is soon. */
  readonly minutesLeft: number | null;
  /** The delay requested by the server, in seconds. Shown once, not counted down. */
  readonly retrySecs: number | null;
}

/** The view before the start. */
export const BLANK: PlainView = {
  stage: "idle",
  sessionId: null,
  status: null,
  step: "connect",
  progress: 0,
  platform: null,
  connection: "fine",
  stalled: false,
  frame: "none",
  window: null,
  minutesLeft: null,
  retrySecs: null,
};
