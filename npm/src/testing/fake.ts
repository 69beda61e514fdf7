import { EndPromise } from "../end-promise.js";
import { emit } from "../events.js";
import { ATTRIBUTES, PROPERTIES, problem, readOptions } from "../options.js";
import type { EndDetail, VerifyOptions, VerifyState } from "../types.js";
import type { Cr3dentialsVerify } from "../verify-element.js";
import { advance, INITIAL_STATE, type Script, type ScriptEvent, type ScriptState } from "./rules.js";

/** A call of one of the element's methods. */
export interface Call {
  readonly method: "open" | "hide" | "close" | "refresh" | "remount" | "startAgain" | "update" | "destroy";
  readonly args: readonly unknown[];
}

/** The public interface of the real element, plus helpers for tests. */
export interface FakeVerify extends Omit<Cr3dentialsVerify, "get" | "set"> {
  /** Every method call so far, in order. */
  readonly calls: readonly Call[];
  /** Same as this module's `play`, for tests that reach the element from another process. */
  play(script: Script): Promise<void>;
}

/** Creates the fake's class. Not at import, since a test may create its page long after it has loaded this module. */
export function fakeClass(Base: typeof HTMLElement): new () => FakeVerify {
  // biome-ignore lint/correctness/noUnusedVariables: Declares the properties defined below.
  interface Fake extends Omit<VerifyOptions, "lang"> {}

  // biome-ignore lint/suspicious/noUnsafeDeclarationMerging: The properties are defined below.
  class Fake extends Base implements FakeVerify {
    static readonly observedAttributes: readonly string[] = Object.keys(ATTRIBUTES);

    readonly calls: Call[] = [];
    readonly #properties: Record<string, unknown> = {};
    readonly #ended = new EndPromise();
    #scriptState: ScriptState = INITIAL_STATE;
    #started = false;
    #stopped = false;
    #destroyed = false;
    #openRequested = false;
    #scheduled = false;

    constructor() {
      super();
      for (const key of PROPERTIES) {
        // A property set before the upgrade hides the accessor: move its value.
        const own = Object.getOwnPropertyDescriptor(this, key);
        if (!own) continue;
        delete this[key];
        this.setOption(key, own.value);
      }
    }

    get ended(): Promise<EndDetail> {
      return this.#ended.promise;
    }

    get state(): VerifyState {
      if (!this.#started) return { stage: this.#destroyed ? "destroyed" : "idle" };
      const { sessionId, status, step, progress, end } = this.#scriptState;
      if (sessionId === undefined && !end) return { stage: "loading" };
      return {
        stage: end ? { ended: withoutSession(end) } : "live",
        sessionId: sessionId ?? null,
        status: status ?? null,
        step: step ?? "connect",
        progress: progress ?? 0,
      };
    }

    open(): void {
      this.#record("open");
      this.#openRequested = true;
      this.#schedule();
    }

    hide(): void {
      this.#record("hide");
    }

    close(): void {
      this.#record("close");
      if (this.#started) this.#endClosed();
    }

    refresh(): void {
      this.#record("refresh");
    }

    remount(): void {
      this.#record("remount");
    }

    startAgain(): void {
      this.#record("startAgain");
      if (!this.#started) return;
      this.#ended.startAgain();
      if (this.#inProgress) this.#endClosed();
      this.#scriptState = { ended: this.#scriptState.ended };
    }

    update(options: VerifyOptions): void {
      this.#record("update", options);
      for (const [key, value] of Object.entries(options)) this.setOption(key, value);
    }

    destroy(): void {
      this.#record("destroy");
      this.#destroyed = true;
      this.#stop();
    }

    async play(script: Script): Promise<void> {
      // Gives an element that was just inserted time to start.
      await undefined;
      if (!this.#started) throw new Error(this.#notStartedReason());
      script.reduce(advance, this.#scriptState);
      let expected = this.#scriptState;
      for (const event of script) {
        // The page may have stopped the element or ended the session meanwhile.
        if (!this.#started || this.#scriptState !== expected) return;
        expected = advance(expected, event);
        this.#emit(event, expected);
        await undefined;
      }
    }

    connectedCallback(): void {
      this.#destroyed = false;
      if (this.#stopped) this.#ended.restart();
      this.#stopped = false;
      this.#schedule();
    }

    disconnectedCallback(): void {
      // A move is a removal and an insertion within one task.
      queueMicrotask(() => {
        if (!this.isConnected && this.#started) this.#stop();
      });
    }

    connectedMoveCallback(): void {}
    adoptedCallback(): void {}

    attributeChangedCallback(): void {
      this.#schedule();
    }

    /** @internal */
    option(key: keyof VerifyOptions): unknown {
      return readOptions(this, this.#properties as VerifyOptions)[key];
    }

    /** @internal */
    setOption(key: string, value: unknown): void {
      if (value === undefined) delete this.#properties[key];
      else this.#properties[key] = value;
      this.#schedule();
    }

    get #inProgress(): boolean {
      return this.#scriptState.sessionId !== undefined && !this.#scriptState.end;
    }

    /** Starts at the end of the current task, as the real element does. */
    #schedule(): void {
      if (this.#scheduled || !this.isConnected) return;
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        if (this.#started || !this.isConnected || this.#destroyed) return;
        if (this.mode === "modal" && !this.#openRequested) return;
        const message = problem(this, this.#properties as VerifyOptions);
        if (message === undefined) this.#started = true;
        else emit(this, "error", { code: "bad-options", message, retrying: false });
      });
    }

    #stop(): void {
      this.#stopped ||= this.#started;
      this.#started = false;
      this.#openRequested = false;
      this.#scriptState = { ended: this.#scriptState.ended };
    }

    #emit(event: ScriptEvent, state = advance(this.#scriptState, event)): void {
      this.#scriptState = state;
      const [name, detail] = event;
      if (name === "end") this.#ended.end(detail);
      else this.#ended.noteSession(detail.sessionId);
      emit(this, name, { ...detail });
    }

    /** Ends the view because the page asked for it, with the same event as the real element. Later calls do nothing. */
    #endClosed(): void {
      const { sessionId } = this.#scriptState;
      if (this.#scriptState.end) return;
      this.#emit(["end", { ...(sessionId !== undefined && { sessionId }), reason: "closed", confirmed: true }]);
    }

    #record(method: Call["method"], ...args: unknown[]): void {
      this.calls.push({ method, args });
    }

    #notStartedReason(): string {
      if (this.#destroyed) return "The element was destroyed. Insert it into the page again.";
      if (!this.isConnected) return "The element is not in a page.";
      return problem(this, this.#properties as VerifyOptions) ?? "The element starts at the next open().";
    }
  }

  for (const key of PROPERTIES) {
    Object.defineProperty(Fake.prototype, key, {
      configurable: true,
      enumerable: true,
      get(this: Fake) {
        return this.option(key);
      },
      set(this: Fake, value: unknown) {
        this.setOption(key, value);
      },
    });
  }
  return Fake;
}

function withoutSession({ sessionId: _, ...rest }: EndDetail): Omit<EndDetail, "sessionId"> {
  return rest;
}
