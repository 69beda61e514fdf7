// What goes into the machine and what comes out of it, in the shapes of the recorded traces: both engines replay them.
import type { Created, DetailByName, EndReason, EventName, ReadyDetail, SessionStatus, Step } from "../types.js";

/** The time, as the driver reads it, in whole milliseconds. */
export interface Now {
  /** A clock that never goes back: for everything that is waited for. */
  readonly mono: number;
  /** The device's clock, since 1970: only for `expiresAt`, and corrected by the server's own. */
  readonly wall: number;
}

/** What became of a request. */
export type Outcome<T> = { readonly Ok: T } | { readonly Err: Failure };

/** Why a request brought nothing. */
export interface Failure {
  readonly kind: FailureKind;
  /** When the server wants to be asked again, in milliseconds. */
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
  | "contract-version";

/** What a reloaded page needs to go on. */
export interface Saved {
  readonly sessionId: string;
  readonly clientToken: string;
  readonly platformId?: number | null;
  readonly expiresAt?: string | null;
}

/** `frameUrl`: the session's iframe is there already and alive, so no other is fetched for it. */
export type Resumed = Saved & { readonly frameUrl?: string };

export type Begin =
  | { readonly new: { readonly platformId: number; readonly key: string | null } }
  | { readonly given: Created }
  | { readonly resume: Resumed };

/** The platform of a session, as the view knows it. */
export interface Platform {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly icon: string | null;
}

/** What the proxy answers to a status question. */
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

export type FrameNews = "loaded" | "hint" | "cspBlocked" | "lost";
export type PageNews = "visible" | "hidden" | "frozen" | "restored" | "online" | "offline";
export type HostAction = "refresh" | "remount" | "startAgain" | "close" | "destroy";

/** Everything that can happen to a verification. */
export type Input =
  | "tick"
  | { readonly start: Begin }
  | { readonly created: readonly [call: number, Outcome<Created>] }
  | { readonly status: readonly [call: number, Outcome<{ readonly view: SessionView; readonly held: boolean }>] }
  | { readonly embed: readonly [call: number, Outcome<{ readonly embedUrl: string }>] }
  | { readonly frame: readonly [frame: number, FrameNews] }
  | { readonly page: PageNews }
  | { readonly host: HostAction };

/** Why it ended, and whether a server said so. */
export interface End {
  readonly reason: EndReason;
  /** With `failed` only. */
  readonly code?: string;
  readonly confirmed: boolean;
}

/** The details of events, before the driver says which mode this is. */
export interface Details extends Omit<DetailByName, "ready"> {
  readonly ready: Omit<ReadyDetail, "mode">;
}

export type Emitted = { [Name in EventName]: { readonly [K in Name]: Details[Name] } }[EventName];

/** What the driver is to do. */
export type Effect =
  | "farewell"
  | "forget"
  | "renew"
  | { readonly create: { readonly call: number; readonly key: string; readonly platformId: number } }
  | { readonly ask: { readonly call: number; readonly after: number; readonly waitSecs: 0; readonly fresh: boolean } }
  | { readonly getEmbed: { readonly call: number } }
  | { readonly cancel: number }
  | { readonly mount: readonly [frame: number, url: string] }
  | { readonly drop: number }
  | { readonly save: Saved }
  | { readonly emit: Emitted };

/** All there is to show. */
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
  /** Whether the server denies all knowledge of the session. */
  readonly stalled: boolean;
  readonly frame: "none" | "shown" | "blocked" | "unavailable";
  /** A fresh URL to offer as a link to a new window. */
  readonly window: string | null;
  /** Minutes until the session ends by itself, when they are few. */
  readonly minutesLeft: number | null;
  /** How many seconds the server wants to be left alone; said once, not counted down. */
  readonly retrySecs: number | null;
}

/** What there is to show when there is nothing. */
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
