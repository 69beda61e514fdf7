import { type Check, type DoctorOptions, type Finding, report } from "./doctor/check.js";
import { clock, contract, cors, origin, probePlatforms, proxy, wasmFile } from "./doctor/network.js";
import * as page from "./doctor/page.js";

export { type Check, type DoctorOptions, type Finding, report };

/**
 * Checks everything the element needs from the page, the browser and the proxy, and suggests a fix for each problem.
 * Never rejects, takes at most `timeoutMs` in total, and leaves nothing behind.
 */
export async function doctor(options?: DoctorOptions): Promise<Check[]> {
  const given = options ?? {};
  const timeoutMs = given.timeoutMs ?? 5_000;
  const run = (name: string, inspect: Inspect) => bounded(name, inspect, timeoutMs);
  // Five checks share one request.
  let probe: ReturnType<typeof probePlatforms> | undefined;
  const shared = (signal: AbortSignal) => (probe ??= probePlatforms(given, signal));
  const checks = await Promise.all([
    run("version", page.versions),
    run("secure context", page.secureContext),
    run("WebAssembly", page.webAssembly),
    run("style sheets", page.constructedSheets),
    run("session storage", page.sessionStore),
    run("Web Locks", page.webLocks),
    run("wasm file", (signal) => wasmFile(given, signal)),
    run("proxy", async (signal) => proxy(await shared(signal))),
    run("CORS", async (signal) => cors(await shared(signal))),
    run("origin", async (signal) => origin(given, await shared(signal), signal)),
    run("contract", async (signal) => contract(await shared(signal))),
    run("clock", async (signal) => clock(given, await shared(signal), signal)),
    run("framing", (signal) => page.framing(given.frameOrigin, signal)),
  ]);
  if (given.print) console.info(report(checks));
  return checks;
}

type Inspect = (signal: AbortSignal) => Finding | Promise<Finding>;

/** Runs one check. Never rejects and takes at most `timeoutMs`. */
async function bounded(name: string, inspect: Inspect, timeoutMs: number): Promise<Check> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Finding>((resolve) => {
    const found = `No result within ${timeoutMs / 1000} s`;
    const advice = "Inspect the request in the browser's network panel.";
    timer = setTimeout(() => resolve({ ok: false, found, advice }), timeoutMs);
  });
  try {
    return { name, ...(await Promise.race([Promise.resolve(abort.signal).then(inspect), late])) };
  } catch (error) {
    return { name, ok: "unknown", found: `The check failed: ${String(error)}`, advice: "" };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
