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
    if (!report.wants(names)) continue;
    const cleanup = new Cleanup();
    let app;
    const ready = await report.prepare(`${names[0]}: installed, built and started`, async () => {
      app = await startExample(cleanup, name, tarball);
    });
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
