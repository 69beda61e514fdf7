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
