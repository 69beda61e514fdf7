// Selects the checks to run and prints their results.

/** Thrown by a check that cannot run on this machine. */
export class Skipped extends Error {}

export class Report {
  #only;
  #results = [];

  /** @param only part of the names of the checks to run; all run if it is absent */
  constructor(only) {
    this.#only = only?.toLowerCase();
  }

  /** Returns true if a check of any of these names is to run. Prerequisites are prepared only then. */
  wants(...names) {
    return this.#only === undefined || names.flat().some((name) => name.toLowerCase().includes(this.#only));
  }

  /** Runs a check and prints its name, time and result. Never throws; returns true if it passed. */
  async check(name, run) {
    return !this.wants(name) || this.prepare(name, run);
  }

  /** Does the same for a prerequisite of other checks, regardless of its name. */
  async prepare(name, run) {
    const began = performance.now();
    let result = "ok";
    let why = "";
    try {
      await run();
    } catch (error) {
      result = error instanceof Skipped && process.env.CI !== "true" ? "skipped" : "FAILED";
      why = error instanceof Skipped ? error.message : explained(error);
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    console.log(`${result.padEnd(8)}${seconds} s  ${name}${why ? `\n${indented(why)}` : ""}`);
    this.#results.push(result);
    return result === "ok";
  }

  /** Prints the totals and returns the exit code. */
  finish() {
    const count = (result) => this.#results.filter((other) => other === result).length;
    console.log(`\n${count("ok")} passed, ${count("FAILED")} failed, ${count("skipped")} skipped`);
    if (this.#results.length === 0) console.log("No check has this name.");
    return count("FAILED") > 0 || this.#results.length === 0 ? 1 : 0;
  }
}

/** Returns the error's message and its location in these files. */
function explained(error) {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n").find((line) => line.includes("/npm/check/") && !line.includes("until"));
  return `${error.name === "Error" ? "" : `${error.name}: `}${error.message}\n${place ?? ""}`;
}

function indented(text) {
  const lines = text.trim().split("\n");
  const shown = lines.length > 60 ? [...lines.slice(0, 20), "…", ...lines.slice(-40)] : lines;
  return shown.map((line) => `           ${line}`).join("\n");
}
