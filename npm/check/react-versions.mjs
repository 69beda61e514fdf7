// Every older supported version of React, in strict mode. The newest version has its own checks (react.mjs).
import { cpSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

import { runCase } from "./cases.mjs";
import { startExample } from "./examples.mjs";
import { addReactPages } from "./pages.mjs";
import { Cleanup, command, freshFolder, until } from "./project.mjs";
import { expectEmptyTag } from "./react.mjs";

const FIXTURES = join(import.meta.dirname, "fixtures/react-versions");
const RENDER = join(import.meta.dirname, "fixtures/react/render.mjs");
const VERSIONS = ["16.8.0", "17.0.2", "18.3.1"];

export async function checkReactVersions(report, tarball, chromium) {
  const walks = VERSIONS.map((version) => `chromium: React ${version}: one session, one frame, one end`);
  const renders = VERSIONS.map((version) => `React ${version}: a server renders the empty tag`);
  if (!report.wants(walks, renders)) return;
  const cleanup = new Cleanup();
  const folders = new Map();
  let app;
  const ready = await report.prepare("chromium: pages with older versions of React", async () => {
    app = await startExample(cleanup, "plain-html", tarball, async (folder) => {
      addReactPages(folder, VERSIONS);
      for (const version of VERSIONS) {
        folders.set(version, await bundle(version, tarball, join(folder, "public", `react-${version}.js`)));
      }
    });
  });
  for (const [at, version] of ready ? VERSIONS.entries() : []) {
    await report.check(renders[at], () => expectEmptyTag(folders.get(version)));
    const play = (it) => walk(version, it);
    await report.check(walks[at], async () => runCase(await chromium(), app, walks[at], play));
  }
  await cleanup.run();
}

async function walk(version, { app, user, browser }) {
  await browser.goto(app.url(`/react-${version}.html`));
  await user.signIn("success");
  await user.waitForText("#outcome", "completed");
  const result = await browser.run("return [version, handled.join(), times('end'), frameCount.most]");
  if (result.join(" ") !== `${version} completed 1 1`) throw new Error(`it is ${result.join(" ")}`);
  const creates = app.provider.api.requests.filter(({ method, path }) => method === "POST" && path.includes("session"));
  if (creates.length !== 1) throw new Error(`${creates.length} sessions were created`);
  const name = await user.evaluate("return host.className");
  if (name !== "wide") throw new Error(`the class is ${name}`);
  await browser.run("takeOut()");
  await until("an empty page", () => user.evaluate("return !host"));
}

/**
 * Bundles the app with this version of React into one file. The package itself stays separate, as in a page. Returns
 * the folder with the installed packages.
 */
async function bundle(version, tarball, outfile) {
  const folder = freshFolder(`react-${version}`);
  cpSync(FIXTURES, folder, { recursive: true });
  cpSync(RENDER, join(folder, "render.mjs"));
  const packages = [`react@${version}`, `react-dom@${version}`, tarball];
  await command("npm", ["install", "--prefer-offline", "--loglevel=error", ...packages], { cwd: folder });
  const show = Number.parseInt(version, 10) < 18 ? "show-before-18.js" : "show.js";
  const element = { name: "element", setup: (it) => it.onResolve({ filter: /^\.\/index\.js$/ }, beside) };
  await build({
    entryPoints: [join(folder, "app.js")],
    outfile,
    bundle: true,
    format: "esm",
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { show: join(folder, show) },
    plugins: [element],
    logLevel: "error",
  });
  return folder;
}

function beside() {
  return { path: "./cr3dentials-embed/index.js", external: true };
}
