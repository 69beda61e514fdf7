/** How the view is laid out: in the page, in a dialog over it, or the frame alone. */
export type Mode = "inline" | "modal" | "bare";

/** Which colours to use; `auto` follows the device. */
export type Theme = "auto" | "light" | "dark";

/** The four steps that users see. */
export type Step = "connect" | "sign-in" | "read-details" | "check";

/**
 * The provider's lifecycle. The list is open: a name of a later version is passed on as text and never ends a session.
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

/** Why a session ended. `closed`: the page ended its own view; the session itself may go on. */
export type EndReason = "completed" | "partial" | "failed" | "cancelled" | "expired" | "terminated" | "closed";

/** The frame of a session is shown. */
export interface ReadyDetail {
  readonly sessionId: string;
  /** `plain` when the browser could not run WebAssembly. */
  readonly mode: "full" | "plain";
  /** Whether the session was under way before this page was loaded. */
  readonly resumed: boolean;
}

/** The lifecycle moved. */
export interface StatusDetail {
  readonly sessionId: string;
  readonly status: SessionStatus;
  readonly step: Step;
}

/** The bar moved. It never goes back. */
export interface ProgressDetail {
  readonly sessionId: string;
  /** 0–100. */
  readonly progress: number;
}

/** The user must act in the frame. */
export interface ActionDetail {
  readonly sessionId: string;
}

/** The session ends by itself soon. */
export interface ExpiringDetail {
  readonly sessionId: string;
  /** Whole minutes, rounded up. */
  readonly minutes: number;
}

/** Data is there: all of it (`cr3d-complete`) or some (`cr3d-partial`). Read it on your server. */
export interface CompleteDetail {
  readonly sessionId: string;
  readonly hasAttestation: boolean;
}

/** The last event of a session. */
export interface EndDetail {
  /** Absent when the view was closed before there was a session. */
  readonly sessionId?: string;
  readonly reason: EndReason;
  /** The provider's error code, with `failed` only, and even then not always. */
  readonly code?: string;
  /** Whether a server said so. */
  readonly confirmed: boolean;
}

/** Something went wrong. A session goes on unless `cr3d-end` says otherwise. */
export interface ErrorDetail {
  readonly sessionId?: string;
  /** For programs; an open set. */
  readonly code: string;
  /** For developers: what happened and what to do. Never shown to users. */
  readonly message: string;
  /** Whether it is tried again without anybody's doing. */
  readonly retrying: boolean;
}

/** A step that is over: how long the user was at it, and where they went from there. */
export interface StepTime {
  readonly sessionId: string | null;
  /** `choose`: a platform, or the start. `start`: a session is made. The others are the four steps. */
  readonly step: "choose" | "start" | Step;
  /** The next step, the reason of the end, or `left`: the page went away, or the element was taken out of it. */
  readonly next: "choose" | "start" | Step | EndReason | "left";
  /** In milliseconds, by a clock that nobody sets. */
  readonly millis: number;
}

/** Every event with its detail, without the prefix `cr3d-`. */
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

/** What a proxy answers to a create: contract version 1. */
export interface Created {
  readonly sessionId: string;
  /** The frame's URL. It can be loaded once. */
  readonly embedUrl: string;
  /** Good for this session's status only. */
  readonly clientToken: string;
  readonly status?: SessionStatus;
  readonly platformId?: number | null;
  /** ISO 8601, as every date here. */
  readonly expiresAt?: string | null;
  readonly createdAt?: string | null;
  readonly serverTime?: string | null;
}

/** What a reloaded page needs to go on. */
export interface Resume {
  readonly sessionId: string;
  readonly clientToken: string;
  readonly platformId?: number;
  /** ISO 8601. */
  readonly expiresAt?: string;
}

/** How a verification begins. */
export type Start =
  | { readonly kind: "new" }
  | { readonly kind: "given"; readonly created: Created }
  | ({ readonly kind: "resume" } & Resume);

/** Options that may change at any time. */
export interface MutableOptions {
  mode?: Mode;
  theme?: Theme;
  /** A BCP 47 tag; by default the language of the page around the element. What is not there in it is English. */
  lang?: string;
  /** Words of your own by their keys, which `cr3dentials-embed/locales/en` lists; they go before those of every language. */
  strings?: Readonly<Record<string, string>>;
  /** The name users know you by, for the sentences that mention you. */
  partnerName?: string;
}

/** What the element can be told. */
export interface VerifyOptions extends MutableOptions {
  /** Where the proxy's routes begin, such as `/api/verification`. Absolute, or relative to the page. */
  proxyUrl?: string;
  /** The platform to verify an account of. Without it the user chooses one. */
  platformId?: number;
  /** A session to go on with; needs `clientToken`. */
  sessionId?: string;
  /** The token that came with `sessionId`. */
  clientToken?: string;
  /** Names the place in sessionStorage that lets a reloaded page go on. */
  resumeKey?: string;
  /** The frame's accessible name. */
  frameTitle?: string;
  /** Whether to wait for the user's click before a session is created. */
  startScreen?: boolean;
  /** Where you say what becomes of the details. Shown before the start. */
  privacyUrl?: string;
  /** Where you help. Shown before the start, and where a verification did not work out. */
  supportUrl?: string;
  /** The colour scheme that the frame is told of; `light` by default, which the provider's page is made for. */
  frameColorScheme?: Theme;
  /** Whether the frame may ask for the height it needs, within 320 to 1200 px. */
  autoResize?: boolean;
  /** Whether the page's title says when it is the user's turn. */
  pageTitle?: boolean;
  /** Whether to explain in the console what happens. */
  debug?: boolean;
  /** Whether cookies go to the proxy: as in `fetch`, `same-origin` by default. */
  credentials?: RequestCredentials;
  /** Headers for every request to the proxy. */
  headers?: Readonly<Record<string, string>>;
  /** Is told each step that is over: where people wait, and where they stop. Not with the plain mode. */
  telemetry?: (step: StepTime) => void;
  /** Where the `.wasm` file is, when it is not beside this module. */
  wasmUrl?: string;
}

/** Where the view stands. Before the view is loaded, `stage` is all there is. */
export interface VerifyState {
  /**
   * `idle`: not started. `loading`: the view is on its way. `notStarted`: no session was made, with the error's code.
   * `ended`: how it ended.
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
  /** Whether another tab of this browser shows the session. */
  readonly elsewhere?: boolean;
}

type ElementEvents = { [Name in EventName as `cr3d-${Name}`]: CustomEvent<DetailByName[Name]> };

declare global {
  interface HTMLElementEventMap extends ElementEvents {}
}
