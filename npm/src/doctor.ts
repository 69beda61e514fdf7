import { ask, clock, contract, cors, origin, proxy, wasmFile } from "./doctor-network.js";
import * as page from "./doctor-page.js";

/** What is looked at, and how. Give it what the element is given. */
export interface DoctorOptions {
  /** Where the proxy's routes begin, as the element's `proxyUrl`. */
  proxyUrl?: string;
  /** Where the `.wasm` file is, when it is not beside the package's modules. */
  wasmUrl?: string;
  /** The origin that embed URLs have. An empty frame of it is tried, never an embed URL: each is for one use. */
  frameOrigin?: string;
  /** A session of this browser: its status tells the server's time across origins too. */
  session?: { sessionId: string; clientToken: string };
  credentials?: RequestCredentials;
  headers?: Readonly<Record<string, string>>;
  /** Whether to print the report to the console. */
  print?: boolean;
  /** How long a check may take, in milliseconds: 5,000 by default. */
  timeoutMs?: number;
  /** In place of the browser's own, for tests. */
  fetch?: typeof fetch;
}

/** What came of one check. */
export interface Check {
  readonly name: string;
  /** `unknown`: it could not be looked at from here, or was not asked for. */
  readonly ok: boolean | "unknown";
  /** What there is. No token, header or query is ever in it. */
  readonly found: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly advice: string;
}

/** What one check has found, without its name. */
export type Finding = Omit<Check, "name">;

/**
 * Looks at everything that the element needs of a page, its browser and its proxy, and says what to do where something
 * is missing. Never rejects, takes no longer than `timeoutMs` for all of it, and leaves nothing behind.
 */
export async function doctor(options?: DoctorOptions): Promise<Check[]> {
  const given = options ?? {};
  const timeoutMs = given.timeoutMs ?? 5_000;
  const run = (name: string, look: Look) => bounded(name, look, timeoutMs);
  // One question serves five checks.
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

/** The checks as plain text: a line for each, and below it what to do. */
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

/** One check, which neither throws nor takes longer than `timeoutMs`. */
async function bounded(name: string, look: Look, timeoutMs: number): Promise<Check> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Finding>((resolve) => {
    const found = `No answer within ${timeoutMs / 1000} s`;
    const advice = "Look at it in the browser's network panel.";
    timer = setTimeout(() => resolve({ ok: false, found, advice }), timeoutMs);
  });
  try {
    return { name, ...(await Promise.race([Promise.resolve(abort.signal).then(look), late])) };
  } catch (error) {
    return { name, ok: "unknown", found: `This could not be looked at: ${String(error)}`, advice: "" };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
