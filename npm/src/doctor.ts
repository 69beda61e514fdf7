import { ask, clock, contract, cors, origin, proxy, wasmFile } from "./doctor-network.js";
import * as page from "./doctor-page.js";

/** The options of `doctor`. Pass the same values as to the element. */
export interface DoctorOptions {
  /** The URL at which the proxy's routes begin, as in the element's `proxyUrl`. */
  proxyUrl?: string;
  /** The URL of the `.wasm` file, if it is not next to the package's modules. */
  wasmUrl?: string;
  /** The origin of embed URLs. Its root path is framed, never an embed URL, since each can be loaded only once. */
  frameOrigin?: string;
  /** A session of this browser: its status contains the server's time, also across origins. */
  session?: { sessionId: string; clientToken: string };
  credentials?: RequestCredentials;
  headers?: Readonly<Record<string, string>>;
  /** If true, prints the report to the console. */
  print?: boolean;
  /** Timeout for each check, in milliseconds: 5,000 by default. */
  timeoutMs?: number;
  /** Replaces the browser's `fetch`, for tests. */
  fetch?: typeof fetch;
}

/** The result of one check. */
export interface Check {
  readonly name: string;
  /** `unknown` if it cannot be checked from here, or an option that it needs is missing. */
  readonly ok: boolean | "unknown";
  /** The observed state. Never contains a token, header or query. */
  readonly found: string;
  /** The suggested fix; empty if none is needed. */
  readonly advice: string;
}

/** The result of one check, without its name. */
export type Finding = Omit<Check, "name">;

/**
 * Checks everything the element needs from the page, the browser and the proxy, and suggests a fix for each problem.
 * Never rejects, takes at most `timeoutMs` in total, and leaves nothing behind.
 */
export async function doctor(options?: DoctorOptions): Promise<Check[]> {
  const given = options ?? {};
  const timeoutMs = given.timeoutMs ?? 5_000;
  const run = (name: string, look: Look) => bounded(name, look, timeoutMs);
  // Five checks share one request.
  let asked: ReturnType<typeof ask> | undefined;
  const answer = (signal: AbortSignal) => (asked ??= ask(given, signal));
  const checks = await Promise.all([
    run("version", page.versions),
    run("secure context", page.secureContext),
    run("WebAssembly", page.webAssembly),
    run("style sheets", page.constructedSheets),
    run("session storage", page.sessionStore),
    run("Web Locks", page.webLocks),
    run("wasm file", (signal) => wasmFile(given, signal)),
    run("proxy", async (signal) => proxy(await answer(signal))),
    run("CORS", async (signal) => cors(await answer(signal))),
    run("origin", async (signal) => origin(given, await answer(signal), signal)),
    run("contract", async (signal) => contract(await answer(signal))),
    run("clock", async (signal) => clock(given, await answer(signal), signal)),
    run("framing", (signal) => page.framing(given.frameOrigin, signal)),
  ]);
  if (given.print) console.info(report(checks));
  return checks;
}

/** Formats the checks as plain text: one line for each, followed by the suggested fix. */
export function report(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map((check) => check.name.length));
  const lines = checks.flatMap(({ name, ok, found, advice }) => {
    const mark = ok === "unknown" ? "?   " : ok ? "ok  " : "FAIL";
    const line = `${mark}  ${name.padEnd(width)}  ${found}`;
    return advice === "" ? [line] : [line, `${" ".repeat(width + 8)}→ ${advice}`];
  });
  return lines.join("\n");
}

type Look = (signal: AbortSignal) => Finding | Promise<Finding>;

/** Runs one check. Never rejects and takes at most `timeoutMs`. */
async function bounded(name: string, look: Look, timeoutMs: number): Promise<Check> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Finding>((resolve) => {
    const found = `No result within ${timeoutMs / 1000} s`;
    const advice = "Inspect the request in the browser's network panel.";
    timer = setTimeout(() => resolve({ ok: false, found, advice }), timeoutMs);
  });
  try {
    return { name, ...(await Promise.race([Promise.resolve(abort.signal).then(look), late])) };
  } catch (error) {
    return { name, ok: "unknown", found: `The check failed: ${String(error)}`, advice: "" };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
