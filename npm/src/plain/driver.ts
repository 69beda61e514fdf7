import type { Handle, MountOptions } from "../cr3dentials_embed.js";
import type { Texts } from "../locale.js";
import type { Shell } from "../shell.js";
import { forgetResume, loadResume, resumeOf, saveResume } from "../storage.js";
import type { EventName, Mode, MutableOptions, Start, VerifyState } from "../types.js";
import { Client, type SessionAccess } from "./client.js";
import { PlainEngine } from "./engine.js";
import { type EventHistory, isNewEvent } from "./event-history.js";
import type { Begin, Effect, Emitted, HostAction, Input, Outcome, Saved } from "./protocol.js";
import { NO_RESPONSE } from "./rules.js";
import { type Offer, Screen } from "./screen.js";
import { fill } from "./texts.js";
import { watchFrame, watchPage } from "./watch.js";

/** The handle of a verification in plain mode, with the same methods as the full view. */
export type PlainHandle = Pick<Handle, keyof Handle>;

/** The parameters of plain mode. */
export interface PlainHost {
  /** The DOM to show it in. An existing iframe is adopted and never reloaded. */
  readonly root: Pick<Shell, "dialog" | "show" | "hide" | "showMessage" | "insertFrame" | "dropFrame" | "nameFrame">;
  readonly options: MountOptions & Texts;
  readonly listener: (name: EventName, detail: object) => void;
  /** The last event of each name that another view emitted. They are not emitted again. */
  readonly history: EventHistory;
}

/** Maximum delay of a browser timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Mounts a verification without WebAssembly. It does nothing before `start()`, so the caller can store the handle
 * first.
 */
export function mountPlain(host: PlainHost): PlainHandle {
  return new Driver(host);
}

/**
 * Runs the engine: performs its effects, reports the results, and keeps its one timer.
 *
 * Inputs are queued: a method that a listener calls during an event is handled after the current input.
 */
class Driver implements PlainHandle {
  readonly #engine: PlainEngine;
  readonly #host: PlainHost;
  readonly #client: Client;
  readonly #screen: Screen;
  readonly #abort = new AbortController();
  readonly #calls = new Map<number, AbortController>();
  readonly #queue: Input[] = [];
  #started = false;
  #running = false;
  #texts: Texts;
  #partner: string | undefined;
  #mode: Mode;
  #access: SessionAccess | undefined;
  #frame: { readonly id: number; readonly watch: AbortController } | undefined;
  #focusLost = false;
  #offer: Offer;
  #loadingOffer = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: PlainHost) {
    this.#host = host;
    this.#engine = new PlainEngine(Math.random, host.options.platformId === undefined);
    this.#texts = host.options;
    this.#partner = host.options.partnerName;
    this.#mode = host.options.mode ?? "inline";
    this.#client = new Client(host.options);
    this.#screen = new Screen(host.root, {
      act: (action) => this.#act(action),
      begin: (platformId = host.options.platformId) => this.#begin(platformId),
      offer: () => this.#loadOffer(),
    });
    this.#screen.setLanguage(this.#texts);
    host.root.dialog.dataset.theme = host.options.theme ?? "auto";
  }

  start(): void {
    if (this.#started || this.#abort.signal.aborted) return;
    this.#started = true;
    // The page's state comes before the start: a hidden or offline page starts differently.
    this.#running = true;
    watchPage((page) => this.#send({ page }), this.#abort.signal);
    this.#running = false;
    const begin = this.#firstInput(this.#firstStart());
    this.#send(begin ? { start: begin } : "tick");
  }

  open(): void {
    const { stage } = this.#engine.view;
    if (typeof stage === "object" && "ended" in stage && stage.ended.reason === "closed") this.#act("startAgain");
    this.#host.root.show(this.#mode);
  }

  hide(): void {
    this.#host.root.hide();
  }

  /** Ends the verification and hides the dialog. */
  close(): void {
    this.#act("close");
    this.#host.root.hide();
  }

  refresh(): void {
    this.#act("refresh");
  }

  remount(): void {
    this.#act("remount");
  }

  startAgain(): void {
    this.#act("startAgain");
  }

  frameLost(): void {
    if (this.#frame) this.#send({ frame: [this.#frame.id, "lost"] });
  }

  update({ mode, theme, lang, strings, partnerName }: MutableOptions): void {
    if (this.#abort.signal.aborted) return;
    if (mode) {
      this.#mode = mode;
      this.#host.root.show(mode);
    }
    if (theme) this.#host.root.dialog.dataset.theme = theme;
    this.#texts = { lang: lang ?? this.#texts.lang, strings: strings ?? this.#texts.strings };
    // An empty name removes it.
    if (partnerName !== undefined) this.#partner = partnerName || undefined;
    this.#screen.setLanguage(this.#texts);
    this.#host.root.nameFrame(this.#frameTitle);
    this.#draw();
  }

  destroy(): void {
    if (this.#abort.signal.aborted) return;
    // Aborted at once, even during an event: pending events and updates are dropped.
    this.#abort.abort();
    this.#send({ host: "destroy" });
  }

  state(): VerifyState {
    return this.#engine.view;
  }

  free(): void {
    this.destroy();
  }

  #act(action: HostAction): void {
    if (!this.#abort.signal.aborted) this.#send({ host: action });
  }

  /** Returns the start after another view, which may have moved on to another session: the saved session wins. */
  #firstStart(): Start {
    const { history, options } = this.#host;
    const { start, resumeKey } = options;
    if (history.size === 0) return start;
    const saved = resumeKey === undefined ? undefined : loadResume(resumeKey, undefined);
    if (saved) return { kind: "resume", ...saved };
    return start.kind === "given" ? { kind: "resume", ...resumeOf(start.created, undefined) } : start;
  }

  /** Returns the first input, or `undefined` if the user decides first. */
  #firstInput(start: Start): Begin | undefined {
    const { platformId, startScreen, idempotencyKey } = this.#host.options;
    switch (start.kind) {
      case "given":
        return { given: start.created };
      case "resume": {
        // The full view stopped during a session: its iframe is alive, and the user may be typing in it.
        const frameUrl = this.#iframe?.getAttribute("src");
        return { resume: { ...start, ...(frameUrl && { frameUrl }) } };
      }
      case "new":
        if (platformId === undefined || startScreen) return undefined;
        return { new: { platformId, key: idempotencyKey ?? null } };
    }
  }

  /** Starts as a page without a saved session does. */
  #renew(): void {
    this.#offer = undefined;
    const begin = this.#firstInput({ kind: "new" });
    if (begin) this.#send({ start: begin });
  }

  #begin(platformId: number | undefined): void {
    if (platformId !== undefined) this.#send({ start: { new: { platformId, key: null } } });
  }

  #send(input: Input): void {
    this.#queue.push(input);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const effect of this.#engine.handle(now(), next)) this.#do(effect);
    }
    this.#running = false;
    this.#update();
  }

  /** Updates the screen and the timer after the queue is empty. */
  #update(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return this.#screen.clear();
    const { deadline } = this.#engine;
    if (deadline !== undefined) {
      // Rounded up, because a timer that fires early would find nothing due.
      const wait = Math.max(deadline - now().mono, 0) + 1;
      this.#timer = setTimeout(() => this.#send("tick"), Math.min(wait, LONGEST_TIMER));
    }
    if (this.#userPicks && !this.#loadingOffer && this.#offer === undefined) this.#loadOffer();
    this.#draw();
  }

  #draw(): void {
    this.#screen.draw({
      view: this.#engine.view,
      texts: this.#texts,
      partner: this.#partner,
      byClick: this.#host.options.platformId !== undefined,
      offer: this.#offer,
    });
    if (this.#focusLost && typeof this.#engine.view.stage === "object") this.#screen.focus();
    this.#focusLost = false;
  }

  #do(effect: Effect): void {
    if (typeof effect === "object" && "cancel" in effect) return this.#cancel(effect.cancel);
    if (typeof effect === "object" && "drop" in effect) return this.#drop();
    if (this.#abort.signal.aborted) return;
    const access = this.#access;
    if (effect === "forget") this.#forget();
    else if (effect === "renew") this.#renew();
    else if (effect === "notifyClosed") {
      if (access) this.#client.notifyClosed(access);
    } else if ("save" in effect) this.#save(effect.save);
    else if ("mount" in effect) this.#mount(...effect.mount);
    else if ("emit" in effect) this.#emit(effect.emit);
    else if ("create" in effect) {
      const { call, key, platformId } = effect.create;
      this.#call(
        call,
        (signal) => this.#client.create(key, platformId, signal),
        (created) => ({ created: [call, created] }),
      );
    } else if ("pollStatus" in effect && access) {
      const { call, after, fresh } = effect.pollStatus;
      this.#call(
        call,
        (signal) => this.#client.status(access, after, fresh, signal),
        (result) => ({ status: [call, { result, longPolled: false }] }),
      );
    } else if ("fetchEmbedUrl" in effect && access) {
      const { call } = effect.fetchEmbedUrl;
      this.#call(
        call,
        (signal) => this.#client.frameUrl(access, signal),
        (embed) => ({ embed: [call, embed] }),
      );
    }
  }

  #call<T>(
    id: number,
    request: (signal: AbortSignal) => Promise<Outcome<T>>,
    report: (outcome: Outcome<T>) => Input,
  ): void {
    const abort = new AbortController();
    this.#calls.set(id, abort);
    const done = (outcome: Outcome<T>) => {
      if (this.#calls.delete(id)) this.#send(report(outcome));
    };
    void request(abort.signal).then(done, () => done({ Err: NO_RESPONSE }));
  }

  #cancel(id: number): void {
    this.#calls.get(id)?.abort();
    this.#calls.delete(id);
  }

  #mount(id: number, url: string): void {
    const { root } = this.#host;
    if (this.#iframe?.getAttribute("src") !== url) root.insertFrame(url, this.#frameTitle, this.#abort.signal);
    else root.nameFrame(this.#frameTitle);
    const watch = new AbortController();
    this.#frame = { id, watch };
    const iframe = this.#iframe;
    if (!iframe) return;
    watchFrame(iframe, url, (signal) => this.#send({ frame: [id, signal] }), watch.signal);
    // The host saw that the page's policy refused the frame before anything listened here.
    if (iframe.hasAttribute("data-blocked")) this.#send({ frame: [id, "cspBlocked"] });
  }

  #drop(): void {
    const iframe = this.#iframe;
    const root = iframe?.getRootNode() as Partial<DocumentOrShadowRoot> | undefined;
    this.#focusLost = !!iframe && root?.activeElement === iframe;
    this.#frame?.watch.abort();
    this.#frame = undefined;
    this.#host.root.dropFrame();
  }

  #save(saved: Saved): void {
    const { sessionId, clientToken, platformId, expiresAt } = saved;
    this.#access = { sessionId, clientToken };
    const { resumeKey } = this.#host.options;
    if (resumeKey === undefined) return;
    saveResume(resumeKey, {
      sessionId,
      clientToken,
      ...(typeof platformId === "number" && { platformId }),
      ...(expiresAt && { expiresAt }),
    });
  }

  #forget(): void {
    const { resumeKey } = this.#host.options;
    if (resumeKey !== undefined) forgetResume(resumeKey);
  }

  #emit(emitted: Emitted): void {
    // Updates the screen first, so that a listener sees the same state as the event.
    this.#draw();
    for (const [name, detail] of Object.entries(emitted) as [EventName, object][]) {
      if (!isNewEvent(this.#host.history, name, detail)) continue;
      try {
        this.#host.listener(name, name === "ready" ? { ...detail, mode: "plain" } : detail);
      } catch (error) {
        console.error(error);
      }
    }
  }

  #loadOffer(): void {
    this.#loadingOffer = true;
    this.#offer = undefined;
    this.#draw();
    void this.#client.platforms(this.#abort.signal).then((offer) => {
      this.#loadingOffer = false;
      this.#offer = "Ok" in offer ? offer.Ok : "failed";
      this.#update();
    });
  }

  /** True while the user chooses a platform. */
  get #userPicks(): boolean {
    return this.#engine.view.stage === "idle" && this.#host.options.platformId === undefined;
  }

  get #iframe(): HTMLIFrameElement | null {
    return this.#host.root.dialog.querySelector<HTMLIFrameElement>(":scope > .cr3d-frame iframe");
  }

  get #frameTitle(): string {
    return this.#host.options.frameTitle ?? fill(this.#texts, {}, "frameTitle");
  }
}

/** Returns both clocks in whole milliseconds. */
function now(): { mono: number; wall: number } {
  return { mono: Math.floor(performance.now()), wall: Date.now() };
}
