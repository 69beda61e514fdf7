// Every example: installed from the tarball, built, started, and used by a person.
import { cpSync, readdirSync, existsSync } from "node:fs";
import { basename, join } from "node:path";

import { keepEvidence } from "./evidence.mjs";
import { Person } from "./person.mjs";
import { Cleanup, command, freePort, freshFolder, ROOT, SCRATCH, start, untilAnswers } from "./project.mjs";
import { startProvider } from "./provider.mjs";

const MADE = ["node_modules", "dist", ".next", "package-lock.json"];
/** Pages of an example besides its first one, and which view each has. */
const PAGES = { "strict-csp": { "/": "full", "/plain.html": "plain" } };
/** Where the end is said by each view. */
const SAID = { full: ".cr3d-title", plain: ".cr3d-wait" };

/** What some of them are examples of, as their servers show it. Without it their walks would say nothing. */
const TRAITS = {
  "strict-csp": ["its policy allows nothing unsafe", isStrict],
  "wrong-mime": ["its .wasm file has a wrong type", hasWrongType],
};

/** The examples' names. */
export function exampleNames() {
  const folders = readdirSync(join(ROOT, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).filter((name) => existsSync(join(ROOT, "examples", name, "package.json")));
}

/** Copies the folder of an app, without what was made in it. */
export function copyApp(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
}

/** Installs what an app needs, with the package from the tarball. */
export function install(folder, tarball) {
  return command("npm", ["install", "--no-save", "--prefer-offline", "--loglevel=error", tarball], { cwd: folder });
}

/** A running example. `change` may change its copy before it is built; `options` are `startProvider`'s. */
export async function startExample(cleanup, name, tarball, change = () => undefined, options = {}) {
  const folder = join(freshFolder(`examples/${name}`), name);
  copyApp(join(ROOT, "examples", name), folder);
  copyApp(join(ROOT, "examples/server"), join(folder, "../server"));
  await change(folder);
  const port = await freePort();
  const provider = await startProvider(cleanup, name, port, options);
  await install(folder, tarball);
  await command("npm", ["run", "build"], { cwd: folder, env: provider.environment });
  const server = start("npm", ["start"], { cwd: folder, env: provider.environment });
  cleanup.defer(() => server.stop());
  await untilAnswers(`${provider.origin}/`, server);
  return { provider, folder, url: (path = "/") => provider.origin + path };
}

/** Each example's walk in Chromium: signed in inside the frame, granted by the server. */
export async function checkExamples(report, tarball, chromium) {
  for (const name of exampleNames()) {
    const pages = Object.entries(PAGES[name] ?? { "/": "full" });
    const names = pages.map(([page]) => `chromium: example ${name}${page === "/" ? "" : page}`);
    const [trait, shows] = TRAITS[name] ?? [];
    const traitName = `example ${name}: ${trait}`;
    if (!report.wants(names, traitName)) continue;
    const cleanup = new Cleanup();
    let app;
    const ready = await report.prepare(`${names[0]}: installed, built and started`, async () => {
      app = await startExample(cleanup, name, tarball);
    });
    if (ready && trait) await report.check(traitName, () => shows(app));
    for (const [at, [page, view]] of ready ? pages.entries() : []) {
      await report.check(names[at], async () => {
        const browser = await chromium();
        await browser.console();
        await browser.inNewTab(async () => {
          await walk(browser, app, page, view).catch(async (error) => {
            throw await keepEvidence(error, names[at], browser, app.provider);
          });
          const wrong = (await browser.console()).filter(({ level }) => level === "SEVERE");
          if (wrong.length > 0) throw new Error(`in the console:\n${wrong.map(({ message }) => message).join("\n")}`);
        });
      });
    }
    await cleanup.run();
  }
}

async function isStrict(app) {
  for (const page of Object.keys(PAGES["strict-csp"])) {
    const policy = await headerOf(app, page, "Content-Security-Policy");
    const unsafe = policy.match(/'unsafe-[\w-]+'/g);
    if (unsafe || !policy.startsWith("default-src 'none'")) throw new Error(`${page} has the policy ${policy}`);
  }
}

async function hasWrongType(app) {
  const type = await headerOf(app, "/cr3dentials-embed/cr3dentials_embed_bg.wasm", "Content-Type");
  if (type.startsWith("application/wasm")) throw new Error(`it is sent as ${type}, which is right`);
}

async function headerOf(app, path, name) {
  const response = await fetch(app.url(path), { method: "HEAD", signal: AbortSignal.timeout(5_000) });
  const value = response.headers.get(name);
  if (!response.ok || !value) throw new Error(`${path} answers ${response.status}, with ${name}: ${value}`);
  return value;
}

/** The main walk on an example's page, with the view that it should have there. */
export async function walk(browser, app, page = "/", view = "full") {
  const person = new Person(browser);
  await browser.goto(app.url(page));
  await person.signsIn("success");
  await person.sees("#outcome", "Granted");
  await person.sees(SAID[view], "Verified");
  const sessions = await app.provider.sessions();
  if (sessions[0].status !== "COMPLETED") throw new Error(`the provider says ${sessions[0].status}`);
}
