// Paths, and child processes that end with this one.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");
export const NPM = join(ROOT, "npm");
/** The folder for all output. It is kept between runs, since npm's cache in it makes the second one faster. */
export const SCRATCH = join(ROOT, "target/npm-check");

/** Timeout for a condition in a page, in milliseconds. */
export const TIMEOUT_MS = 30_000;
/** Timeout for a command, such as an install or a build, in milliseconds. */
const COMMAND_MS = 240_000;

const ENVIRONMENT = {
  ...process.env,
  npm_config_cache: join(SCRATCH, "npm-cache"),
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  NEXT_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
};
// It would request colors.
delete ENVIRONMENT.FORCE_COLOR;
// The checks' own settings, such as CR3D_PROXY, are not passed on: the proxy refuses to start with an unknown CR3D_
// variable.
for (const name of Object.keys(ENVIRONMENT)) if (name.startsWith("CR3D_")) delete ENVIRONMENT[name];

/** Creates an empty folder of this name. */
export function freshFolder(name) {
  const folder = join(SCRATCH, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs a program to its end and returns its output. Fails with the output if the program fails. */
export async function command(program, args, { cwd = ROOT, env = {}, shell = false, limit = COMMAND_MS } = {}) {
  const child = start(program, args, { cwd, env, shell });
  const timer = setTimeout(() => child.stop("SIGKILL"), limit);
  const code = await child.ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${[program, ...args].join(" ")} (in ${cwd}) ended with ${code}:\n${child.output()}`);
  return child.output();
}

const running = new Set();
// Also stops their children, which is why each has a process group.
process.on("exit", () => {
  for (const child of [...running]) child.stop("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

/** Starts a program that keeps running. */
export function start(program, args, { cwd = ROOT, env = {}, shell = false } = {}) {
  const process_ = spawn(program, args, {
    cwd,
    shell,
    env: { ...ENVIRONMENT, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [process_.stdout, process_.stderr]) stream.on("data", (data) => (output += data));
  const child = {
    output: () => output,
    ended: new Promise((done) => {
      process_.on("error", (error) => {
        output += error;
        done(-1);
      });
      process_.on("close", (code) => done(code ?? -1));
    }),
    stop(signal = "SIGTERM") {
      running.delete(child);
      try {
        process.kill(-process_.pid, signal);
      } catch {
        // The process has already ended.
      }
    },
  };
  running.add(child);
  void child.ended.then(() => running.delete(child));
  return child;
}

/** Waits until `condition` returns a value, and returns it. An exception counts as no value. */
export async function until(what, condition, timeout = TIMEOUT_MS) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const found = await condition();
      if (found) return found;
      last = undefined;
    } catch (error) {
      if (error.fatal) throw error;
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`timed out after ${timeout / 1000} s waiting for ${what}${last ? `: ${last.message}` : ""}`);
    await new Promise((done) => setTimeout(done, 40));
  }
}

/** Waits until `url` responds, as long as `child`, which serves it, is running. */
export async function untilResponds(url, child, timeout = TIMEOUT_MS) {
  let ended = false;
  void child.ended.then(() => (ended = true));
  await until(
    `a response from ${url}`,
    async () => {
      if (ended) throw Object.assign(new Error(`the program behind ${url} ended:\n${child.output()}`), { fatal: true });
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      return true;
    },
    timeout,
  ).catch((error) => {
    throw new Error(`${error.message}\n${child.output()}`);
  });
}

/** The ports returned by `freePort`. Some are not in use yet, so the system may offer them again. */
const reservedPorts = new Set();

/**
 * Finds a port that is free on both loopback addresses, since `localhost` may mean either. Never returns a port twice.
 */
export async function freePort() {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = await tryListen(0, "127.0.0.1");
    if (!port || reservedPorts.has(port)) continue;
    if (((await tryListen(port, "::1")) ?? port) === port) {
      reservedPorts.add(port);
      return port;
    }
  }
  throw new Error("no port is free");
}

/** Resolves to a port that can be bound; `false` if it is taken, `undefined` if there is no such address. */
function tryListen(port, host) {
  return new Promise((done) => {
    const server = createServer();
    server.on("error", (error) => done(error.code === "EADDRINUSE" ? false : undefined));
    server.listen(port, host, () => {
      const found = server.address().port;
      server.close(() => done(found));
    });
  });
}

/** Cleanup steps, run in reverse order even after failures. */
export class Cleanup {
  #steps = [];

  defer(step) {
    this.#steps.push(step);
  }

  async run() {
    while (this.#steps.length > 0) {
      const step = this.#steps.pop();
      await Promise.resolve()
        .then(step)
        .catch(() => undefined);
    }
  }
}
