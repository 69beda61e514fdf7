// Which checks run, and what came of them.

/** Thrown by a check that this machine cannot do. */
export class Skipped extends Error {}

export class Report {
  #only;
  #results = [];

  /** @param only a part of the names of the checks to run; without it all run */
  constructor(only) {
    this.#only = only?.toLowerCase();
  }

  /** Whether a check of this name, or any of these names, is to run. What they need is prepared only then. */
  wants(...names) {
    return this.#only === undefined || names.flat().some((name) => name.toLowerCase().includes(this.#only));
  }

  /** Runs a check and prints its name, time and result. Never throws; answers whether it passed. */
  async check(name, look) {
    return !this.wants(name) || this.prepare(name, look);
  }

  /** The same for what other checks need, whatever it is called. */
  async prepare(name, look) {
    const began = performance.now();
    let result = "ok";
    let why = "";
    try {
      await look();
    } catch (error) {
      result = error instanceof Skipped && process.env.CI !== "true" ? "skipped" : "FAILED";
      why = error instanceof Skipped ? error.message : explained(error);
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    console.log(`${result.padEnd(8)}${seconds} s  ${name}${why ? `\n${indented(why)}` : ""}`);
    this.#results.push(result);
    return result === "ok";
  }

  /** Prints the sum. Answers the exit code. */
  finish() {
    const count = (result) => this.#results.filter((other) => other === result).length;
    console.log(`\n${count("ok")} passed, ${count("FAILED")} failed, ${count("skipped")} skipped`);
    if (this.#results.length === 0) console.log("No check has that name.");
    return count("FAILED") > 0 || this.#results.length === 0 ? 1 : 0;
  }
}

/** What is wrong, and where in these files it was noticed. */
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
