// Replays recorded traces of the full engine with the plain engine.
import { PlainEngine } from "../src/plain/engine.js";
import type { Effect, Input } from "../src/plain/protocol.js";
import { POLL_TIMEOUT } from "../src/plain/rules.js";

export interface Trace {
  readonly story: string;
  readonly steps: readonly { readonly at: number; readonly input: Input; readonly effects?: readonly Effect[] }[];
}

/** The kinds of requests by the effect that starts them, with the input that reports their result. */
const RESPONSE_INPUT = { create: "created", pollStatus: "status", fetchEmbedUrl: "embed" } as const;
type Kind = keyof typeof RESPONSE_INPUT;

/** The effects that must be the same in both engines, in this order. When to poll is up to each engine. */
const COMPARED = ["emit", "mount", "drop", "save", "forget", "notifyClosed"];

/** 2027-01-15, as in `crates/core/tests/it/engine/harness.rs`. */
const EPOCH = 1_800_000_000_000;

/** An id that no call has. */
const STALE = 2 ** 32 - 1;

/** Returns the effects recorded in the trace. */
export function recorded({ steps }: Trace): Effect[] {
  return steps.flatMap((step) => step.effects ?? []).filter(isCompared);
}

/**
 * Returns the plain engine's effects for the inputs of a trace.
 *
 * Inputs keep their recorded times, except for the consequences of long polls:
 * - A response waits for its request. If the recorded engine has a request open and the plain one has not polled yet,
 *   the plain engine's monotonic clock advances, with a tick at each deadline, until it polls.
 * - The plain engine has no long polls. If a recorded response took longer than the plain engine's timeout, the time in
 *   between is skipped.
 * - A response to a call that was not open stays one. Call ids differ between the engines and are translated.
 */
export function replay(trace: Trace): Effect[] {
  const engine = new PlainEngine(() => 0.5);
  const done: Effect[] = [];
  const theirs = new Map<number, Kind>();
  const ours = new Map<Kind, { readonly call: number; readonly at: number }>();
  let mono = 0;
  let before = 0;

  const give = (input: Input, wall: number) => {
    for (const effect of engine.handle({ mono, wall }, input)) {
      done.push(effect);
      const begun = beginning(effect);
      if (begun) ours.set(begun.kind, { call: begun.call, at: mono });
      if (typeof effect === "object" && "cancel" in effect) forget(ours, effect.cancel);
    }
  };

  for (const [n, { at, input, effects = [] }] of trace.steps.entries()) {
    const wall = EPOCH + at;
    mono += at - before;
    before = at;
    const poll = ours.get("pollStatus");
    if (poll && willGetResponse(trace, n, theirs)) mono = Math.min(mono, poll.at + POLL_TIMEOUT - 1);
    const response = responseOf(input);
    if (!response) {
      give(input, wall);
    } else if (theirs.get(response.call) !== response.kind) {
      give(responseInput(response.kind, STALE, response.outcome), wall);
    } else {
      while (!ours.has(response.kind) && engine.deadline !== undefined) {
        mono = engine.deadline;
        give("tick", wall);
      }
      const call = ours.get(response.kind)?.call ?? STALE;
      ours.delete(response.kind);
      theirs.delete(response.call);
      give(responseInput(response.kind, call, response.outcome), wall);
    }
    for (const effect of effects) {
      const begun = beginning(effect);
      if (begun) theirs.set(begun.call, begun.kind);
      if (typeof effect === "object" && "cancel" in effect) theirs.delete(effect.cancel);
    }
  }
  return done.filter(isCompared);
}

/** Returns true if the status request that the recorded engine has open at step `n` gets a response, there or later. */
function willGetResponse(trace: Trace, n: number, open: ReadonlyMap<number, Kind>): boolean {
  const [call] = [...open].find(([, kind]) => kind === "pollStatus") ?? [];
  if (call === undefined) return false;
  const rest = trace.steps.slice(n);
  const canceledAt = rest.findIndex(({ effects = [] }) =>
    effects.some((effect) => typeof effect === "object" && "cancel" in effect && effect.cancel === call),
  );
  const respondedAt = rest.findIndex(({ input }) => {
    const response = responseOf(input);
    return response?.kind === "pollStatus" && response.call === call;
  });
  return respondedAt >= 0 && (canceledAt < 0 || respondedAt < canceledAt);
}

function isCompared(effect: Effect): boolean {
  const name = typeof effect === "string" ? effect : Object.keys(effect)[0];
  return COMPARED.includes(name ?? "");
}

function beginning(effect: Effect): { kind: Kind; call: number } | undefined {
  if (typeof effect !== "object") return undefined;
  if ("create" in effect) return { kind: "create", call: effect.create.call };
  if ("pollStatus" in effect) return { kind: "pollStatus", call: effect.pollStatus.call };
  if ("fetchEmbedUrl" in effect) return { kind: "fetchEmbedUrl", call: effect.fetchEmbedUrl.call };
  return undefined;
}

function responseOf(input: Input): { kind: Kind; call: number; outcome: unknown } | undefined {
  if (typeof input !== "object") return undefined;
  if ("created" in input) return { kind: "create", call: input.created[0], outcome: input.created[1] };
  if ("status" in input) return { kind: "pollStatus", call: input.status[0], outcome: input.status[1] };
  if ("embed" in input) return { kind: "fetchEmbedUrl", call: input.embed[0], outcome: input.embed[1] };
  return undefined;
}

function responseInput(kind: Kind, call: number, outcome: unknown): Input {
  return { [RESPONSE_INPUT[kind]]: [call, outcome] } as unknown as Input;
}

function forget(open: Map<Kind, { readonly call: number }>, call: number): void {
  for (const [kind, { call: known }] of open) if (known === call) open.delete(kind);
}
