import type { Failure, FailureKind } from "../client.js";
import type { Handle } from "../cr3dentials_embed.js";
import type { Strings } from "../locale.js";
import type {
  Created,
  DetailByName,
  EventName,
  MutableOptions,
  Resume,
  SessionView,
  Start,
  VerifyState,
} from "../types.js";
import { Frame } from "./frame.js";
import type { PlainHost } from "./host.js";
import { Lane } from "./lane.js";
import { type Choice, getPlatforms, getSession } from "./requests.js";
import { screenOf } from "./screen.js";
import { type End, endOf, isRetryable, isUsersTurn, type Session, stepAfter } from "./session.js";

/** Minimum time between two requests, in milliseconds (as all durations here). */
const SPACING = 500;
/** Intervals between status requests: while the provider works, on the user's turn, and while they are denied. */
const POLL_MACHINE = 2_000;
const POLL_USER = 4_000;
const POLL_DENIED = 30_000;
/** Maximum number of attempts to create a session before the user decides. */
const CREATE_TRIES = 4;
/** Maximum number of consecutive sessions of another user before an error is shown. */
const RENEWALS = 2;

/**
 * A verification without WebAssembly: it creates or resumes a session, shows its frame, polls its status and reports its
 * end. It does nothing before `start()`, so that the host can store it first.
 */
export class PlainMode implements Pick<Handle, keyof Handle> {
  /** `idle` while the user picks a platform or has yet to press Start, `refused` until the user tries again. */
  stage: "idle" | "creating" | "refused" | "live" | "ended" | "destroyed" = "idle";
  /** The session of the stages `live` and `ended`; absent if it ended before there was one. */
  session: Session | undefined;
  end: End | undefined;
  /** The platforms to choose from; `undefined` while they are loading. */
  choices: readonly Choice[] | undefined;
  /** The failure to show. */
  trouble: FailureKind | undefined;
  strings: Strings = {};
  /** True if the user only has to press Start. */
  readonly isByClick: boolean;
  readonly frame: Frame;
  readonly #host: PlainHost;
  readonly #draw: () => void;
  /** Loads the platforms, creates the session, or polls it. */
  readonly #requests: Lane;
  readonly #listening = new AbortController();
  #isRunning = false;
  #platformId: number | undefined;
  #key: string | undefined;
  /** True if the next status request should reach the provider. */
  #fresh = false;
  /** Number of consecutive sessions that belonged to another user. */
  #renewals = 0;

  constructor(host: PlainHost) {
    const { options, shell } = host;
    this.#host = host;
    this.#platformId = options.platformId;
    this.#key = options.idempotencyKey;
    this.isByClick = options.platformId !== undefined;
    this.#draw = screenOf(shell, this);
    this.#requests = new Lane(this, SPACING, () => this.#request());
    this.frame = new Frame(host, this);
    this.strings = options.strings;
    shell.setTheme(options.theme ?? "auto");
  }

  start(): void {
    const options = { signal: this.#listening.signal };
    const back = () => this.run(() => document.hidden || this.requestNow());
    window.addEventListener("online", back, options);
    window.addEventListener("pageshow", back, options);
    document.addEventListener("visibilitychange", back, options);
    // The browser may keep the page, but not its requests.
    window.addEventListener("pagehide", () => this.stage === "live" && this.#requests.stop(), options);
    this.run(() => this.#begin(this.#host.options.start));
  }

  open(): void {
    if (this.end?.reason === "closed") this.startAgain();
    this.#host.shell.show();
  }

  hide(): void {
    this.#host.shell.hide();
  }

  close(): void {
    this.run(() => this.#close());
    this.hide();
  }

  refresh(): void {
    this.run(() => {
      // Without a response of the proxy the create may have arrived: its key creates no second session.
      const isUnanswered = this.trouble === "network" || this.trouble === "intermediary";
      if (this.stage === "refused") this.#enter("creating", isUnanswered ? this.#key : undefined);
      else this.requestNow();
    });
  }

  remount(): void {
    this.run(() => this.stage === "live" && this.frame.want());
  }

  startAgain(): void {
    this.run(() => {
      this.#close();
      this.#enter(this.isByClick ? "creating" : "idle");
    });
  }

  /** Begins with a platform that the user has picked, or with the one of the options. */
  pick(platformId = this.#platformId): void {
    this.run(() => {
      this.#platformId = platformId;
      this.#enter("creating");
    });
  }

  /** The browser has loaded the frame's used URL again. */
  frameLost(): void {
    this.run(() => {
      if (this.stage !== "live") return;
      this.frame.drop();
      this.frame.want();
    });
  }

  update({ mode, theme, lang, strings = this.strings }: MutableOptions): void {
    const { shell } = this.#host;
    this.run(() => {
      this.strings = strings;
      if (mode) shell.setMode(mode);
      if (theme) shell.setTheme(theme);
      if (lang) shell.setLanguage(lang, strings.frameTitle, strings.close, strings.done);
    });
  }

  /** Stops at once, even during an event. */
  destroy(): void {
    this.stage = "destroyed";
    this.#listening.abort();
    this.#stop();
  }

  free(): void {
    this.destroy();
  }

  state(): VerifyState {
    const { stage, end: ended, trouble: notStarted = "network", session } = this;
    const { sessionId = null, status = null, step = "connect", progress = 0 } = session ?? {};
    const detailed: Readonly<Record<string, unknown>> = { refused: { notStarted }, ended: { ended } };
    return { stage: (detailed[stage] ?? stage) as VerifyState["stage"], sessionId, status, step, progress };
  }

  get frameTitle(): string {
    return this.#host.options.frameTitle ?? this.strings.frameTitle ?? "Account verification";
  }

  /** Performs an action, or postpones it during another: a listener of an event may call any method. */
  run(action: () => void): void {
    if (this.#isRunning) return queueMicrotask(() => this.run(action));
    if (this.#isDestroyed) return;
    this.#isRunning = true;
    try {
      action();
    } finally {
      this.#isRunning = false;
    }
    if (!this.#isDestroyed) this.#draw();
  }

  /** Sends the request that the stage needs as soon as it is allowed, or again after one that is open. */
  requestNow(): void {
    this.#fresh = true;
    if ((this.stage === "live" || this.stage === "creating") && !this.#requests.isOpen) this.#requests.plan(0);
  }

  /** Reports that the frame is shown, once for each session. */
  announce(): void {
    const { session } = this;
    if (!session || session.isReady) return;
    session.isReady = true;
    this.#emit("ready", { sessionId: session.sessionId, mode: "plain", resumed: session.resumed });
  }

  emitError(code: string, retrying = false): void {
    const { session } = this;
    const message = "See errors.md.";
    this.#emit("error", { ...(session && { sessionId: session.sessionId }), code, message, retrying });
  }

  /** After a failure that reports another user, leaves the session without an event and begins anew. */
  leaves(kind: FailureKind): boolean {
    // An identity that keeps changing would start one session after another.
    if (kind !== "other-user" || this.#renewals >= RENEWALS) return false;
    this.#renewals += 1;
    this.#stop();
    this.#host.store.forget();
    this.#begin({ kind: "new" });
    return true;
  }

  #begin(start: Start): void {
    const { history, store, options } = this.#host;
    // Another view was here before, and may have moved on to another session: the saved session wins.
    const isTakeover = history.size > 0;
    const known = (isTakeover && store.load()) || (start.kind === "given" ? start.created : start);
    if ("embedUrl" in known && !isTakeover) this.#created(known);
    else if ("sessionId" in known) this.#resume(known);
    else if (!this.isByClick || options.startScreen) this.#enter("idle");
    else {
      this.#enter("creating", this.#key);
      if (known.failure) this.#createFailed(known.failure);
    }
  }

  #enter(stage: "idle" | "creating" | "live", key?: string): void {
    this.stage = stage;
    this.#key = key;
    this.session = undefined;
    this.end = undefined;
    this.trouble = undefined;
    this.choices = undefined;
    this.#requests.stop();
    this.#requests.failures = 0;
    if (stage !== "idle" || !this.isByClick) this.#requests.plan(0);
  }

  #createFailed(failure: Failure): void {
    const { kind } = failure;
    // A spent key is refused every time.
    if (kind === "key-spent") this.#key = undefined;
    this.#requests.stop();
    const wait = this.#requests.fail(failure);
    const retrying = isRetryable(kind) && (kind === "rate-limited" || this.#requests.failures < CREATE_TRIES);
    this.trouble = kind;
    if (retrying) this.#requests.plan(wait);
    else this.stage = "refused";
    this.emitError(kind, retrying);
  }

  #created(created: Created): void {
    const session = this.#live(created, false);
    session.status = created.status ?? "CREATED";
    this.#emit("status", { sessionId: session.sessionId, status: session.status, step: session.step });
    this.frame.mount(created.embedUrl);
  }

  #resume(known: Created | Resume): void {
    const { history, shell } = this.#host;
    const session = this.#live(known, true);
    this.#fresh = true;
    // Another view's events are not repeated, and its frame is alive: the user may be typing in it.
    const { sessionId, ...last } = { ...history.get("status"), ...history.get("progress") };
    if (sessionId === session.sessionId) Object.assign(session, last, { isReady: history.has("ready") });
    const url = shell.iframe?.getAttribute("src");
    if (url) this.frame.mount(url);
  }

  /** Continues with a session: saves it, and polls it. */
  #live(known: Created | Resume, resumed: boolean): Session {
    const { sessionId, clientToken } = known;
    this.#enter("live");
    const start = { status: null, step: "connect", progress: 0, denials: 0, isReady: false } as const;
    const session: Session = { sessionId, access: { sessionId, clientToken }, resumed, ...start };
    this.session = session;
    this.#host.store.save(known, known.platformId ?? this.#platformId);
    return session;
  }

  /** Sends the request that the stage needs. */
  #request(): void {
    const { client } = this.#host;
    const { session } = this;
    if (session) {
      const fresh = this.#fresh;
      this.#fresh = false;
      this.#requests.send(
        (signal) => getSession(client, session.access, fresh, signal),
        (view) => this.#onView(session, view),
        (failure) => this.#pollFailed(session, failure),
      );
    } else if (this.stage === "creating") {
      const key = this.#key ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
      this.#key = key;
      this.#requests.send(
        (signal) => client.createSession({ platformId: this.#platformId as number, key, signal }),
        (created) => this.#created(created),
        (failure) => this.#createFailed(failure),
      );
    } else {
      this.#requests.send(
        (signal) => getPlatforms(client, signal),
        (choices) => {
          this.choices = choices;
          this.trouble = undefined;
        },
        (failure) => {
          this.trouble = failure.kind;
          this.#requests.plan(this.#requests.fail(failure));
        },
      );
    }
  }

  #onView(session: Session, view: SessionView): void {
    const { sessionId, status, progress } = session;
    session.status = view.status;
    session.step = stepAfter(session.step, view.status);
    session.progress = Math.max(progress, Math.min(Math.round(Number(view.progress)), 100) || 0);
    session.denials = 0;
    this.#renewals = 0;
    this.trouble = undefined;
    const end = endOf(view);
    // Set before the events, whose listeners may read it.
    if (end) this.stage = "ended";
    this.end = end;
    if (status !== view.status) {
      this.#emit("status", { sessionId, status: view.status, step: session.step });
      if (view.status === "AWAITING_USER") this.#emit("action", { sessionId });
    }
    if (progress !== session.progress) this.#emit("progress", { sessionId, progress: session.progress });
    if (end) {
      const name = end.reason === "completed" ? "complete" : "partial";
      const isNew = !this.#host.history.has(name);
      if (isNew && end.reason.startsWith(name)) {
        this.#emit(name, { sessionId, hasAttestation: view.hasAttestation === true });
      }
      this.#finish();
    } else if (!this.#isDestroyed) {
      const pause = isUsersTurn(view.status) ? POLL_USER : POLL_MACHINE;
      this.#requests.plan(this.#fresh ? 0 : pause);
      if (this.frame.state === "none") this.frame.want();
    }
  }

  /** A failure causes a delay. It never ends the session or removes the frame. */
  #pollFailed(session: Session, failure: Failure): void {
    const { kind } = failure;
    if (this.leaves(kind)) return;
    let wait = this.#requests.fail(failure);
    if (!isRetryable(kind)) {
      session.denials += 1;
      wait = POLL_DENIED;
    }
    const isFirst = this.#requests.failures === 1;
    this.trouble = isFirst ? undefined : kind;
    this.#requests.plan(wait);
    // The page needs no more than the first failure of a series.
    if (isFirst) this.emitError(kind, true);
  }

  /** Ends the verification at the page's request. The session itself continues, since the provider cannot cancel one. */
  #close(): void {
    if (this.stage === "idle" || this.stage === "ended") return;
    if (this.session) this.#host.client.notifyClosed(this.session.access);
    this.stage = "ended";
    this.end = { reason: "closed", confirmed: true };
    this.#finish();
  }

  /** Removes the frame and the saved session. The end is the last event. */
  #finish(): void {
    const { end, session } = this;
    if (!end) return;
    this.#stop();
    if (session) this.#host.store.forget();
    if (end.code) this.emitError(`provider:${end.code}`);
    this.#emit("end", { ...(session && { sessionId: session.sessionId }), ...end });
  }

  /** Cancels every request and removes the frame. */
  #stop(): void {
    this.#requests.stop();
    this.frame.stop();
  }

  #emit<Name extends EventName>(name: Name, detail: DetailByName[Name]): void {
    if (this.#isDestroyed) return;
    // The screen shows what the event reports.
    this.#draw();
    this.#host.listener(name, detail);
  }

  get #isDestroyed(): boolean {
    return this.stage === "destroyed";
  }
}
