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

/** The kind of a request's failure; also the `code` of the `cr3d-error` that reports it. */
export type FailureKind =
  | "network"
  | "intermediary"
  | "forbidden"
  | "other-user"
  | "key-spent"
  | "not-found"
  | "rate-limited"
  | "refused"
  | "server"
  | "bad-response"
  | "contract-version";

/** The failure of a request. */
export interface Failure {
  readonly kind: FailureKind;
  /** The delay that the server requested before the next attempt, in milliseconds. */
  readonly retryAfter: number | null;
}

/** The ways to start a verification. */
export type Start =
  /** With `failure`, a create has failed already, and its delay counts from now. */
  | { readonly kind: "new"; readonly failure?: Failure }
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

/** Headers, in any form that `fetch` accepts. Values that are `undefined` or `null` are not sent. */
export type RequestHeaders = HeadersInit | Readonly<Record<string, string | number | null | undefined>>;

/** A request to create a session. */
export interface CreateRequest {
  readonly platformId: number;
  /** Pass it on as `Idempotency-Key`: a request that is repeated with it creates no second session. */
  readonly idempotencyKey: string;
  /** Aborts when the result is no longer needed. */
  readonly signal: AbortSignal;
}

/** A request about a session. */
export interface SessionRequest {
  readonly sessionId: string;
  /** Pass it on as `Cr3d-Token`. */
  readonly clientToken: string;
  /** Aborts when the result is no longer needed. */
  readonly signal: AbortSignal;
}

/** A request for a session's status. */
export interface StatusRequest extends SessionRequest {
  /** The last known `rev`. */
  readonly after: number;
  /** Maximum number of seconds that the response may wait for a newer `rev`; 0 for an immediate response. */
  readonly wait: number;
  /** True if the proxy should request the session from the provider first. */
  readonly fresh: boolean;
}

/** The proxy's response to a status request, in contract version 1. */
export interface SessionView {
  readonly sessionId: string;
  readonly status: SessionStatus;
  /** Percent, 0–100. */
  readonly progress?: number | null;
  readonly platformId?: number | null;
  readonly platform?: {
    readonly id: number;
    readonly name: string;
    readonly displayName: string;
    readonly icon?: string | null;
  } | null;
  readonly createdAt?: string | null;
  readonly expiresAt?: string | null;
  readonly completedAt?: string | null;
  readonly errorCode?: string | null;
  readonly hasAttestation?: boolean | null;
  /** Increases with each change. */
  readonly rev?: number | null;
  readonly serverTime?: string | null;
}

/**
 * The reason with which `createSession`, `getSession` and `getFrame` may reject. Without `status` it counts as no
 * response.
 */
export interface RequestError {
  /** The HTTP status. */
  readonly status?: number;
  /** The error code of the contract, such as `other-user`. */
  readonly code?: string;
  /** Seconds to wait before the next request. */
  readonly retryAfter?: number;
}

/** The options of the element. */
export interface VerifyOptions extends MutableOptions {
  /**
   * The URL of the proxy's routes, such as `/api/verification`. Absolute, or relative to the page. Not needed if
   * `createSession`, `getSession`, `getFrame` and `platformId` are set.
   */
  proxyUrl?: string | URL;
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
  /**
   * If true, as by default, Back hides a dialog that fills a phone's screen. If false, Back leaves the page, unless the
   * browser itself closes dialogs by Back.
   */
  backButton?: boolean;
  /** If true, explains in the console what happens. */
  debug?: boolean;
  /** The credentials mode of requests to the proxy, as in `fetch`; `same-origin` by default. */
  credentials?: RequestCredentials;
  /**
   * Headers for every request to the proxy, or a function that returns them or a promise of them. The function is
   * called for each request, and once more after a 401. May change at any time: the next request uses the new value.
   */
  headers?: RequestHeaders | (() => RequestHeaders | undefined | PromiseLike<RequestHeaders | undefined>);
  /** Creates a session by your own client: returns the `data` of the proxy's response. May change at any time. */
  createSession?: (request: CreateRequest) => PromiseLike<Created>;
  /**
   * Requests a session's status by your own client: returns the `data` of the proxy's response. May change at any time.
   */
  getSession?: (request: StatusRequest) => PromiseLike<SessionView>;
  /** Requests a fresh frame by your own client: returns the `data` of the proxy's response. May change at any time. */
  getFrame?: (request: SessionRequest) => PromiseLike<{ readonly embedUrl: string }>;
  /** Called after each step, to measure where users wait and where they stop. Not called in plain mode. */
  telemetry?: (step: StepTime) => void;
  /** The URL of the `.wasm` file, if it is not next to this module. */
  wasmUrl?: string;
}

/** The state of the verification. Before the view is loaded, only `stage` is set, and `sessionId` once there is one. */
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
