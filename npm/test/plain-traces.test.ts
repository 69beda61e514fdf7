// Plain mode replays the recorded stories of the engine: the same events, frames and storage, in the same order. When to
// send a request is up to each.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Failure } from "../src/client.js";
import type { Created, Resume } from "../src/types.js";
import { ROOT } from "./dom.js";
import { failure, Page, type Request, success } from "./plain-page.js";

/** Traces of what plain mode does not have, each with the reason. */
const OUTSIDE: Readonly<Record<string, string>> = {
  "other-tab.json": "plain mode uses no Web Locks",
};

type Result = { readonly Ok: object } | { readonly Err: Failure };

interface Step {
  /** In milliseconds. */
  readonly at: number;
  readonly input:
    | "tick"
    | {
        readonly start?: {
          readonly new?: { readonly key: string; readonly failure?: Failure | null };
          readonly given?: Created;
          readonly resume?: Resume;
        };
        readonly created?: readonly [call: number, result: Result];
        readonly status?: readonly [call: number, response: { readonly result: Result }];
        readonly embed?: readonly [call: number, result: Result];
        readonly frame?: readonly [frame: number, signal: "lost"];
        readonly page?: "hidden" | "frozen" | "restored";
        readonly host?: "close";
        readonly ownership?: unknown;
      };
  readonly effects?: readonly (string | Readonly<Record<string, unknown>>)[];
}

interface Trace {
  readonly story: string;
  readonly steps: readonly Step[];
}

/** The kinds of requests in both forms. */
const KINDS: Readonly<Record<string, string>> = { create: "create", pollStatus: "status", fetchEmbedUrl: "frame" };

/** The responses of the proxy that have a failure of their own kind. */
const FAILURES: Readonly<Record<string, number>> = { "other-user": 403, "key-spent": 409, "rate-limited": 429 };

/** Plain mode must have its response before its own timeout, which is shorter than that of a long poll. */
const LONGEST_POLL_MS = 29_000;

/** Returns the recorded effects that are compared. */
function recorded({ steps }: Trace): unknown[] {
  return steps
    .flatMap((step) => step.effects ?? [])
    .flatMap((effect): unknown[] => {
      if (typeof effect === "string") return ["forget", "notifyClosed"].includes(effect) ? [effect] : [];
      if ("drop" in effect) return ["drop"];
      if ("mount" in effect) return [{ mount: (effect.mount as [number, string])[1] }];
      if ("emit" in effect) return [{ emit: withoutMessage(effect.emit as object) }];
      return "save" in effect ? [effect] : [];
    });
}

/** The explanation for developers differs. */
function withoutMessage(emitted: object): object {
  const [[name, detail]] = Object.entries(emitted) as [[string, Record<string, unknown>]];
  const { message: _, mode: __, ...rest } = detail;
  return { [name]: rest };
}

/** Returns what plain mode does with the inputs of a trace. */
async function replay({ steps }: Trace): Promise<unknown[]> {
  const page = new Page();
  const open = new Map<string, { readonly request: Request; readonly respond: (response: Response) => void }>();
  for (const kind of Object.values(KINDS)) {
    page.proxy[kind] = (request) => new Promise((respond) => open.set(kind, { request, respond }));
  }
  const isOpen = (kind: string) => open.has(kind) && !open.get(kind)?.request.signal?.aborted;
  const theirs = new Map<number, string>();
  for (const { at, input, effects = [] } of steps) {
    while (performance.now() < at) {
      const { request } = open.get("status") ?? {};
      if (request && isOpen("status") && performance.now() - request.at >= LONGEST_POLL_MS) break;
      await page.pass(Math.min(at - performance.now(), 250));
    }
    if (input !== "tick") {
      const [call, result] = input.created ?? input.embed ?? [input.status?.[0], input.status?.[1].result];
      const kind = theirs.get(call ?? -1);
      if (input.start) await start(page, input.start);
      else if (kind && result) {
        for (let waits = 0; !isOpen(kind); waits += 1) {
          assert.ok(waits < 1_000, `no request: ${kind}`);
          await page.pass(250);
        }
        open.get(kind)?.respond(responseTo(result));
        open.delete(kind);
        theirs.delete(call ?? -1);
      } else if (input.frame) page.handle.frameLost();
      else if (input.page) changePage(input.page);
      else if (input.host) page.handle[input.host]();
      await page.settle();
    }
    for (const effect of effects) {
      const [name, value] = Object.entries(effect)[0] ?? [];
      if (name === "cancel") theirs.delete(value as number);
      else if (name && name in KINDS) theirs.set((value as { call: number }).call, KINDS[name] as string);
    }
  }
  return page.log.map((entry) => {
    const [name, value] = Object.entries(entry as object)[0] ?? [];
    return name === "emit" ? { emit: withoutMessage(value) } : entry;
  });
}

async function start(page: Page, { new: fresh, given, resume }: NonNullable<Exclude<Step["input"], "tick">["start"]>) {
  // After another user's session, plain mode has begun anew by itself.
  if (page.handle) return;
  if (given) await page.start({ kind: "given", created: given });
  else if (resume) await page.start({ kind: "resume", ...resume });
  else {
    const { key, failure } = fresh ?? { key: "" };
    await page.start({ kind: "new", ...(failure && { failure }) }, { idempotencyKey: key });
  }
}

function responseTo(result: Result): Response {
  if ("Ok" in result) return success(result.Ok);
  const { kind, retryAfter } = result.Err;
  return failure(FAILURES[kind] ?? 500, kind, retryAfter === null ? {} : { "Retry-After": `${retryAfter / 1_000}` });
}

function changePage(change: "hidden" | "frozen" | "restored"): void {
  if (change !== "frozen") Object.assign(document, { hidden: change === "hidden" });
  const events = { hidden: "visibilitychange", frozen: "pagehide", restored: "pageshow" };
  const target = change === "hidden" ? document : window;
  target.dispatchEvent(new window.Event(events[change]));
}

const folder = join(ROOT, "tests/fixtures/traces");
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Trace;

for (const name of names) {
  test(`${name} has the same events, frames and storage`, { skip: OUTSIDE[name] ?? false }, async () => {
    const trace = read(name);
    const effects = recorded(trace);
    assert.ok(effects.length > 0);
    assert.deepEqual(await replay(trace), effects, trace.story);
  });
}

test("traces exist, and so does each excluded one", () => {
  assert.ok(names.length >= 14, `${names.length} in ${folder}`);
  for (const name of Object.keys(OUTSIDE)) assert.ok(names.includes(name), name);
});

test("an effect that is missing is detected", async () => {
  const trace = read("failed.json");
  const done = await replay(trace);
  assert.notDeepEqual(done.slice(1), recorded(trace));
});
