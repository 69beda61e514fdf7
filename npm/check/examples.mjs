// Every example: installed from the tarball, built, started, and used by a simulated user.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { saveFailureArtifacts } from "./failure-artifacts.mjs";
import { Cleanup, command, freePort, freshFolder, ROOT, start, untilResponds } from "./project.mjs";
import { startProvider } from "./provider.mjs";
import { User } from "./user.mjs";

const MADE = ["node_modules", "dist", ".next", "package-lock.json", "target", "pkg"];
/** Pages of an example besides its first one, each with the view it should have. */
const PAGES = { "strict-csp": { "/": "full", "/plain.html": "plain" } };
/** The selector of the final message in each view. */
const FINAL_MESSAGE = { full: ".cr3d-title", plain: ".cr3d-wait" };

/** Console levels that fail a walk: errors, and for hydrated pages also warnings. */
const FAILING_LEVELS = { "leptos-ssr": ["SEVERE", "WARNING"] };

/** Timeouts for builds that take longer than other commands, in milliseconds. */
const BUILD_MS = { "leptos-ssr": 900_000 };

/**
 * The property that an example demonstrates, checked on its server. Otherwise its walk would prove nothing about it.
 */
const TRAITS = {
  "leptos-ssr": [
    "the server renders the component on any thread, and the app's module has no export of the package",
    expectLeptosApp,
  ],
  "strict-csp": ["its policy allows nothing unsafe", expectStrictPolicy],
  "wrong-mime": ["its .wasm file has a wrong type", expectWrongType],
};

/** Returns the names of the examples. */
export function exampleNames() {
  const folders = readdirSync(join(ROOT, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).filter((name) => existsSync(join(ROOT, "examples", name, "package.json")));
}

/** Copies an app's folder without its build output. */
export function copyApp(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
}

/** Installs an app's dependencies, with the package from the tarball. */
export function install(folder, tarball) {
  return command("npm", ["install", "--no-save", "--prefer-offline", "--loglevel=error", tarball], { cwd: folder });
}

/** Starts an example. `change` may modify its copy before the build; `options` are passed to `startProvider`. */
export async function startExample(cleanup, name, tarball, change = () => undefined, options = {}) {
  const folder = join(freshFolder(`examples/${name}`), name);
  copyApp(join(ROOT, "examples", name), folder);
  copyApp(join(ROOT, "examples/server"), join(folder, "../server"));
  pointToCrate(folder);
  await change(folder);
  const port = await freePort();
  const provider = await startProvider(cleanup, name, port, options);
  await install(folder, tarball);
  await command("npm", ["run", "build"], { cwd: folder, env: provider.environment, limit: BUILD_MS[name] });
  const server = start("npm", ["start"], { cwd: folder, env: provider.environment });
  cleanup.defer(() => server.stop());
  await untilResponds(`${provider.origin}/`, server);
  return { provider, folder, url: (path = "/") => provider.origin + path };
}

/** Points the copy of a Rust app to this checkout's crate, since the copy is no longer two folders below it. */
function pointToCrate(folder) {
  const manifest = join(folder, "Cargo.toml");
  if (!existsSync(manifest)) return;
  const written = readFileSync(manifest, "utf8");
  const path = 'path = "../.."';
  if (!written.includes(path)) throw new Error(`${manifest} has no ${path}`);
  writeFileSync(manifest, written.replace(path, `path = ${JSON.stringify(ROOT)}`));
}

/** Runs each example's walk in Chromium: the user signs in inside the frame, and the server grants. */
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
            throw await saveFailureArtifacts(error, names[at], browser, app.provider);
          });
          const levels = FAILING_LEVELS[name] ?? ["SEVERE"];
          const wrong = (await browser.console()).filter(({ level }) => levels.includes(level));
          if (wrong.length > 0) throw new Error(`in the console:\n${wrong.map(({ message }) => message).join("\n")}`);
        });
      });
    }
    await cleanup.run();
  }
}

async function expectStrictPolicy(app) {
  for (const page of Object.keys(PAGES["strict-csp"])) {
    const policy = await headerOf(app, page, "Content-Security-Policy");
    const unsafe = policy.match(/'unsafe-[\w-]+'/g);
    if (unsafe || !policy.startsWith("default-src 'none'")) throw new Error(`${page} has the policy ${policy}`);
  }
}

async function expectWrongType(app) {
  const type = await headerOf(app, "/cr3dentials-embed/cr3dentials_embed_bg.wasm", "Content-Type");
  if (type.startsWith("application/wasm")) throw new Error(`it is sent as ${type}, which is correct`);
}

async function expectLeptosApp(app) {
  const page = await (await fetch(app.url(), { signal: AbortSignal.timeout(5_000) })).text();
  if (!page.includes('<div class="cr3d-host">')) throw new Error(`the page has no element for the component:\n${page}`);
  const module = await fetch(app.url("/pkg/leptos_ssr_bg.wasm"), { signal: AbortSignal.timeout(5_000) });
  const exports = WebAssembly.Module.exports(await WebAssembly.compile(await module.arrayBuffer()));
  const names = exports.map(({ name }) => name);
  if (!names.some((name) => name.startsWith("hydrate"))) throw new Error(`this is not its module: ${names}`);
  const ours = names.filter((name) => /^(mount|handle|__wbg_handle)(_|$)/.test(name));
  if (ours.length > 0) throw new Error(`the app's module exports ${ours}`);
  await command("npm", ["test"], { cwd: app.folder, limit: BUILD_MS["leptos-ssr"] });
}

async function headerOf(app, path, name) {
  const response = await fetch(app.url(path), { method: "HEAD", signal: AbortSignal.timeout(5_000) });
  const value = response.headers.get(name);
  if (!response.ok || !value) throw new Error(`${path} responds with ${response.status} and ${name}: ${value}`);
  return value;
}

/** Runs the main walk on an example's page and expects this view. */
export async function walk(browser, app, page = "/", view = "full") {
  const user = new User(browser);
  await browser.goto(app.url(page));
  await user.signIn("success");
  await user.waitForText("#outcome", "Granted");
  await user.waitForText(FINAL_MESSAGE[view], "Verified");
  const sessions = await app.provider.sessions();
  if (sessions[0].status !== "COMPLETED") throw new Error(`the provider's status is ${sessions[0].status}`);
}
