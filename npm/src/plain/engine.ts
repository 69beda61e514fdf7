import { Core } from "./core.js";
import { Creating } from "./creating.js";
import { Live } from "./live.js";
import {
  type Begin,
  BLANK,
  type Effect,
  type HostAction,
  type Input,
  type Now,
  type PageSignal,
  type PlainView,
} from "./protocol.js";

/**
 * A verification as a pure state machine: inputs go in, effects come out.
 *
 * It implements the part of the WebAssembly engine that plain mode needs, by the same rules: what it emits, mounts,
 * drops and saves is tested against the same recorded traces. It polls on a schedule and never uses long polls. Unknown
 * inputs change nothing.
 */
export class PlainEngine {
  readonly #core: Core;
  #state: Creating | Live | undefined;
  #destroyed = false;

  /** `random` returns numbers from 0 to below 1. `userPicks` is true if the page names no platform. */
  constructor(random: () => number = Math.random, userPicks = false) {
    this.#core = new Core(random, userPicks);
  }

  /** Processes one input and returns the effects to perform, in order. */
  handle(now: Now, input: Input): Effect[] {
    if (this.#destroyed) return [];
    const core = this.#core;
    // If the driver's monotonic clock goes back by mistake, time stops rather than runs backwards.
    core.now = { mono: Math.max(now.mono, core.now.mono), wall: now.wall };
    this.#dispatch(input);
    if (this.#live?.belongsToOtherUser) this.#renew(this.#live);
    if (!this.#destroyed && !this.#state?.end) this.#state?.runTimers();
    return core.take();
  }

  /** The time of the next `"tick"`; `undefined` if only another input can change anything. */
  get deadline(): number | undefined {
    return this.#destroyed || this.#state?.end ? undefined : this.#state?.deadline;
  }

  /** The state to show. */
  get view(): PlainView {
    return this.#destroyed ? { ...BLANK, stage: "destroyed" } : (this.#state?.view ?? BLANK);
  }

  #dispatch(input: Input): void {
    if (typeof input === "string") return;
    if ("start" in input) this.#start(input.start);
    else if ("created" in input) {
      const created = this.#creating?.onResponse(...input.created);
      if (created) this.#state = Live.given(this.#core, created);
    } else if ("status" in input) this.#live?.onResponse(...input.status);
    else if ("embed" in input) this.#live?.frame.onResponse(...input.embed);
    else if ("frame" in input) this.#live?.frame.onSignal(...input.frame);
    else if ("page" in input) this.#page(input.page);
    else if ("host" in input) this.#host(input.host);
  }

  get #creating(): Creating | undefined {
    return this.#state instanceof Creating && !this.#state.end ? this.#state : undefined;
  }

  get #live(): Live | undefined {
    return this.#state instanceof Live && !this.#state.end ? this.#state : undefined;
  }

  #start(begin: Begin): void {
    // A second start during a verification is a double mount by the host and changes nothing.
    if (this.#state) return;
    if ("new" in begin) {
      const creating = new Creating(this.#core, begin.new.platformId, begin.new.key);
      if (begin.new.failure) creating.alreadyFailed(begin.new.failure);
      this.#state = creating;
    } else if ("given" in begin) this.#state = Live.given(this.#core, begin.given);
    else if ("resume" in begin) this.#state = Live.resume(this.#core, begin.resume);
  }

  #page(signal: PageSignal): void {
    const core = this.#core;
    switch (signal) {
      case "visible":
      case "restored": {
        const wasAway = !core.visible || core.frozen;
        core.visible = true;
        core.frozen = false;
        if (wasAway) this.#live?.pollNow();
        break;
      }
      case "hidden":
        core.visible = false;
        this.#live?.hide();
        break;
      case "frozen":
        core.frozen = true;
        this.#live?.cancelPoll();
        break;
      case "online":
        if (core.online) break;
        core.online = true;
        this.#live?.pollNow();
        this.#creating?.skipBackoff();
        break;
      case "offline":
        core.online = false;
        this.#live?.cancelPoll();
    }
  }

  #host(action: HostAction): void {
    switch (action) {
      case "refresh":
        this.#creating?.retry();
        this.#live?.onHint();
        break;
      case "remount":
        this.#live?.frame.want();
        break;
      case "close":
        this.#close();
        break;
      case "startAgain": {
        this.#close();
        const { platformId, userPicks } = this.#core;
        this.#state = platformId === null || userPicks ? undefined : new Creating(this.#core, platformId, null);
        break;
      }
      case "destroy":
        if (!this.#state?.end) this.#state?.stop();
        this.#destroyed = true;
    }
  }

  /** Starts a new session, because this one belongs to a previous user of this browser. Emits nothing about it. */
  #renew(live: Live): void {
    live.stop();
    this.#core.platformId = null;
    this.#state = undefined;
    this.#core.do("forget");
    this.#core.do("renew");
  }

  #close(): void {
    if (!this.#state?.end) this.#state?.close();
  }
}
