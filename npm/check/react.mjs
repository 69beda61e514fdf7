// A React app in development mode: strict mode, fast refresh, routes, Suspense.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { playCase } from "./cases.mjs";
import { copyApp, install } from "./examples.mjs";
import { Cleanup, command, freePort, freshFolder, start, until, untilAnswers } from "./project.mjs";
import { startProvider } from "./provider.mjs";

const FIXTURES = join(import.meta.dirname, "fixtures");

const CASES = [
  [
    "strict mode creates one session, one frame and one end",
    async (it) => {
      await it.opens();
      await it.ends();
    },
  ],
  [
    "fast refresh keeps the element and its frame",
    async (it) => {
      await it.opens();
      await it.person.look('host.mark = deep("iframe").mark = "the same"');
      it.edits("First words", "Other words");
      await it.person.sees("#title", "Other words");
      const marks = await it.person.look('return [host.mark, deep("iframe")?.mark]');
      if (marks.join() !== "the same,the same") throw new Error(`the marks are ${marks.join()}`);
      await it.ends();
    },
  ],
  [
    "fast refresh with a remount resumes the same session",
    async (it) => {
      await it.opens();
      await it.person.look('host.mark = "before"');
      // Another hook makes React discard the component's state.
      it.edits('useState("");', 'useState("");\n  useState("Another");');
      await until("another element", () => it.person.look("return host && host.mark !== 'before'"));
      await it.ends();
    },
  ],
  [
    "leaving the route and coming back resumes the same session",
    async (it) => {
      await it.opens();
      await it.person.clicks("#to-other");
      await until("the other page", () => it.person.look("return !host"));
      await it.person.clicks("#to-verification");
      await it.ends();
    },
  ],
  [
    "leaving the route and coming back before there is a response creates one session",
    async (it) => {
      let letGo;
      const hold = new Promise((done) => (letGo = done));
      it.provider.browser.weather = ({ method }) => (method === "POST" ? { hold } : undefined);
      await it.browser.goto(it.url);
      await until("the page", () => it.person.look("return deep('#to-other') && host"));
      await until("the create", () => it.provider.browser.seen.some(({ method }) => method === "POST"));
      // Each click in its own task: React would batch those of one task.
      await it.browser.run(`(async () => {
      window.hosts = new Set();
      for (const name of ["to-other", "to-verification", "to-other", "to-verification"]) {
        document.getElementById(name).click();
        await new Promise((done) => setTimeout(done));
        hosts.add(document.querySelector("cr3dentials-verify"));
      }
    })()`);
      // No element, and two others.
      await until("two more elements", async () => (await it.browser.run("return hosts.size")) === 3);
      letGo();
      await it.person.isAskedAndToldSo();
      await it.ends();
    },
  ],
  [
    "a Suspense boundary that hides the element keeps its frame",
    async (it) => {
      await it.opens();
      await it.person.look('host.mark = deep("iframe").mark = "the same"');
      await it.person.clicks("#suspend");
      await until("the fallback", () => it.person.look("return deep('#fallback') && !host.checkVisibility()"));
      await it.browser.run("letGo()");
      await it.person.sees("#late", "It is here");
      const marks = await it.person.look('return [host.mark, deep("iframe")?.mark]');
      if (marks.join() !== "the same,the same") throw new Error(`the marks are ${marks.join()}`);
      await it.ends();
    },
  ],
  [
    "a Suspense boundary that is remounted resumes the same session",
    async (it) => {
      await it.opens();
      await it.person.look('host.mark = "before"');
      await it.person.clicks("#suspend");
      await until("the fallback", () => it.person.text("#fallback"));
      await it.person.clicks("#new-key");
      await it.browser.run("letGo()");
      await it.person.sees("#late", "It is here");
      await until("another element", () => it.person.look("return host && host.mark !== 'before'"));
      await it.ends();
    },
  ],
];

export async function checkReact(report, tarball, chromium) {
  const named = CASES.map(([name, play]) => [`chromium: React: ${name}`, play]);
  const server = "React: a server renders the empty tag";
  if (!report.wants(server, ...named.map(([name]) => name))) return;
  const cleanup = new Cleanup();
  let app;
  const ready = await report.prepare("a React app in development mode", async () => {
    app = await startApp(cleanup, tarball);
  });
  if (ready) {
    await report.check(server, () => rendersTheEmptyTag(app.folder));
    for (const [name, play] of named) {
      await report.check(name, async () => playCase(await chromium(), app, name, (it) => play(userOf(app, it))));
    }
  }
  await cleanup.run();
}

/** Runs `render.mjs` in an app with any version of React. */
export async function rendersTheEmptyTag(folder) {
  const said = await command(process.execPath, ["render.mjs"], { cwd: folder });
  const wanted = '<cr3dentials-verify id="it"></cr3dentials-verify>';
  if (said.trim() !== wanted) throw new Error(`it is ${said}`);
}

async function startApp(cleanup, tarball) {
  const folder = freshFolder("react");
  copyApp(join(FIXTURES, "react"), folder);
  mkdirSync(join(folder, "public"));
  cpSync(join(FIXTURES, "pages/watch.js"), join(folder, "public/watch.js"));
  const provider = await startProvider(cleanup, "react", await freePort());
  await install(folder, tarball);
  const server = start("npm", ["start"], { cwd: folder, env: provider.environment });
  cleanup.defer(() => server.stop());
  await untilAnswers(`${provider.origin}/`, server);
  return { provider, folder };
}

/** Returns the actions of a case on the app. Restores the file that a case may edit. */
function userOf({ provider, folder }, { person, browser }) {
  const file = join(folder, "src/verification.jsx");
  const original = join(FIXTURES, "react/src/verification.jsx");
  if (readFileSync(file, "utf8") !== readFileSync(original, "utf8")) cpSync(original, file);
  const url = `${provider.origin}/`;
  return {
    person,
    browser,
    provider,
    url,
    async opens() {
      await browser.goto(url);
      await person.isAskedAndToldSo();
    },
    edits(what, by) {
      const text = readFileSync(file, "utf8");
      if (!text.includes(what)) throw new Error(`${file} has no ${what}`);
      writeFileSync(file, text.replace(what, by));
    },
    /** Completes the walk and expects one session, one frame at a time and one end. */
    async ends() {
      await person.signsIn("success");
      await person.sees("#outcome", "completed");
      const told = await browser.run("return { ends: times('end'), frames: frameCount.most, handled: handled.join() }");
      const creates = provider.api.seen.filter(({ method, path }) => method === "POST" && path.includes("session"));
      const made = JSON.stringify({ ...told, sessions: creates.length });
      const wanted = JSON.stringify({ ends: 1, frames: 1, handled: "completed", sessions: 1 });
      if (made !== wanted) throw new Error(`it is ${made}, not ${wanted}`);
    },
  };
}
