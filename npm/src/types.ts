/** The layout: in the page, in a dialog over it, or the frame alone. */
export type Mode = "inline" | "modal" | "bare";

/** The color scheme; `auto` follows the device. */
export type Theme = "auto" | "light" | "dark";

/** The four steps shown to users. */
export type Step = "connect" | "sign-in" | "read-details" | "check";

/**
 * The provider's lifecycle. The list is open: an unknown status is passed on as text and never ends a session.
 */
export type SessionStatus =
  | "CREATED"
  | "INITIALIZING"
  | "READY"
  | "CONNECTED"
  | "LOADING_TREE"
  | "RUNNING"
  | "AWAITING_USER"
  | "COLLECTING_DATA"
  | "VERIFYING"
  | "COMPLETED"
  | "PARTIAL_COMPLETE"
  | "ERROR"
  | "CANCELLED"
  | "TERMINATED"
  | (string & {});

/** The reason for the end of a session. `closed`: the page ended its view; the session itself may go on. */
export type EndReason = "completed" | "partial" | "failed" | "cancelled" | "expired" | "terminated" | "closed";

/** The session's frame is shown. */
export interface ReadyDetail {
  readonly sessionId: string;
  /** `plain` if the browser could not run WebAssembly. */
  readonly mode: "full" | "plain";
  /** True if the session was created before this page was loaded. */
  readonly resumed: boolean;
}

/** The session's status changed. */
export interface StatusDetail {
  readonly sessionId: string;
  readonly status: SessionStatus;
  readonly step: Step;
}

/** Progress increased. It never decreases. */
export interface ProgressDetail {
  readonly sessionId: string;
  /** Percent, 0–100. */
  readonly progress: number;
}

/** The user must act in the frame. */
export interface ActionDetail {
  readonly sessionId: string;
}

/** The session expires soon. */
export interface ExpiringDetail {
  readonly sessionId: string;
  /** Minutes left, rounded up. */
  readonly minutes: number;
}

/** Data is available: all of it (`cr3d-complete`) or some (`cr3d-partial`). Read it on your server. */
export interface CompleteDetail {
  readonly sessionId: string;
  readonly hasAttestation: boolean;
}

/** The last event of a session. */
export interface EndDetail {
  /** Absent if the view was closed before a session was created. */
  readonly sessionId?: string;
  readonly reason: EndReason;
  /** The provider's error code; only with `failed`, and not always then. */
  readonly code?: string;
  /** True if a server reported the end. */
  readonly confirmed: boolean;
}

/** An error occurred. The session continues unless `cr3d-end` follows. */
export interface ErrorDetail {
  readonly sessionId?: string;
  /** The error code, for programs. The list is open. */
  readonly code: string;
  /** An explanation for developers, with what to do. Never shown to users. */
  readonly message: string;
  /** True if the component retries by itself. */
  readonly retrying: boolean;
}

/** A step that the user completed or left: how long it took, and what came next. */
export interface StepTime {
  readonly sessionId: string | null;
  /** `choose`: choosing a platform, or the start screen. `start`: creating a session. The others are the four steps. */
  readonly step: "choose" | "start" | Step;
  /** The next step, the reason of the end, or `left`: the page was closed, or the element was removed from it. */
  readonly next: "choose" | "start" | Step | EndReason | "left";
  /** The duration in milliseconds, by a monotonic clock. */
  readonly millis: number;
}

/** The events and their details, without the prefix `cr3d-`. */
export interface DetailByName {
  readonly ready: ReadyDetail;
  readonly status: StatusDetail;
  readonly progress: ProgressDetail;
  readonly action: ActionDetail;
  readonly expiring: ExpiringDetail;
  readonly complete: CompleteDetail;
  readonly partial: CompleteDetail;
  readonly end: EndDetail;
  readonly error: ErrorDetail;
}

/** The name of an event, without the prefix `cr3d-`. */
export type EventName = keyof DetailByName;

/** The proxy's response to a create, in contract version 1. */
export interface Created {
  readonly sessionId: string;
  /** The URL of the frame. It can be loaded only once. */
  readonly embedUrl: string;
  /** A token that only gives access to this session. */
  readonly clientToken: string;
  readonly status?: SessionStatus;
  readonly platformId?: number | null;
  /** ISO 8601, like every date here. */
  readonly expiresAt?: string | null;
  readonly createdAt?: string | null;
  readonly serverTime?: string | null;
}

/** The data a reloaded page needs to resume a session. */
export interface Resume {
  readonly sessionId: string;
  readonly clientToken: string;
  readonly platformId?: number;
  /** ISO 8601. */
  readonly expiresAt?: string;
}

/** The ways to start a verification. */
export type Start =
  | { readonly kind: "new" }
  | { readonly kind: "given"; readonly created: Created }
  | ({ readonly kind: "resume" } & Resume);

/** Options that may change at any time. */
export interface MutableOptions {
  mode?: Mode;
  theme?: Theme;
  /** A BCP 47 tag; by default the language of the page around the element. Missing translations are English. */
  lang?: string;
  /**
   * Your own texts by key; `cr3dentials-embed/locales/en` lists the keys. They override the texts of every language.
   */
  strings?: Readonly<Record<string, string>>;
  /** The name users know you by, for the texts that mention you. */
  partnerName?: string;
}

/** The options of the element. */
export interface VerifyOptions extends MutableOptions {
  /** The URL of the proxy's routes, such as `/api/verification`. Absolute, or relative to the page. */
  proxyUrl?: string;
  /** The platform of the account to verify. If it is not set, the user chooses one. */
  platformId?: number;
  /** The session to resume; needs `clientToken`. */
  sessionId?: string;
  /** The token that came with `sessionId`. */
  clientToken?: string;
  /** The key in sessionStorage under which a reloaded page finds its session. */
  resumeKey?: string;
  /** The frame's accessible name. */
  frameTitle?: string;
  /** If true, waits for the user's click before a session is created. */
  startScreen?: boolean;
  /** The URL of your privacy notice. Linked before the start. */
  privacyUrl?: string;
  /** The URL of your support page. Linked before the start, and after a verification that failed. */
  supportUrl?: string;
  /** The color scheme passed to the frame; `light` by default, which the provider's page is designed for. */
  frameColorScheme?: Theme;
  /** If true, the frame may request the height it needs, from 320 to 1200 px. */
  autoResize?: boolean;
  /** If true, the page's title announces when it is the user's turn. */
  pageTitle?: boolean;
  /** If true, explains in the console what happens. */
  debug?: boolean;
  /** The credentials mode of requests to the proxy, as in `fetch`; `same-origin` by default. */
  credentials?: RequestCredentials;
  /** Headers for every request to the proxy. */
  headers?: Readonly<Record<string, string>>;
  /** Called after each step, to measure where users wait and where they stop. Not called in plain mode. */
  telemetry?: (step: StepTime) => void;
  /** The URL of the `.wasm` file, if it is not next to this module. */
  wasmUrl?: string;
}

/** The state of the verification. Before the view is loaded, only `stage` is set. */
export interface VerifyState {
  /**
   * `idle`: not started. `loading`: the view is loading. `notStarted`: no session was created, with the error's code.
   * `ended`: the end, with its reason.
   */
  readonly stage:
    | "idle"
    | "loading"
    | "creating"
    | "live"
    | "destroyed"
    | { readonly notStarted: string }
    | { readonly ended: Omit<EndDetail, "sessionId"> };
  readonly sessionId?: string | null;
  readonly status?: SessionStatus | null;
  readonly step?: Step;
  readonly progress?: number;
  /** True if another tab of this browser shows the session. */
  readonly elsewhere?: boolean;
}

type ElementEvents = { [Name in EventName as `cr3d-${Name}`]: CustomEvent<DetailByName[Name]> };

declare global {
  interface HTMLElementEventMap extends ElementEvents {}
}
