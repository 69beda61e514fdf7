// A React app in development mode: strict mode, fast refresh, routes, Suspense.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runCase } from "./cases.mjs";
import { copyApp, install } from "./examples.mjs";
import { Cleanup, command, freePort, freshFolder, start, until, untilResponds } from "./project.mjs";
import { startProvider } from "./provider.mjs";

const FIXTURES = join(import.meta.dirname, "fixtures");

const CASES = [
  [
    "strict mode creates one session, one frame and one end",
    async (it) => {
      await it.open();
      await it.expectOneEnd();
    },
  ],
  [
    "fast refresh keeps the element and its frame",
    async (it) => {
      await it.open();
      await it.user.evaluate('host.mark = deep("iframe").mark = "the same"');
      it.edit("First words", "Other words");
      await it.user.waitForText("#title", "Other words");
      const marks = await it.user.evaluate('return [host.mark, deep("iframe")?.mark]');
      if (marks.join() !== "the same,the same") throw new Error(`the marks are ${marks.join()}`);
      await it.expectOneEnd();
    },
  ],
  [
    "fast refresh with a remount resumes the same session",
    async (it) => {
      await it.open();
      await it.user.evaluate('host.mark = "before"');
      // Another hook makes React discard the component's state.
      it.edit('useState("");', 'useState("");\n  useState("Another");');
      await until("another element", () => it.user.evaluate("return host && host.mark !== 'before'"));
      await it.expectOneEnd();
    },
  ],
  [
    "leaving the route and coming back resumes the same session",
    async (it) => {
      await it.open();
      await it.user.click("#to-other");
      await until("the other page", () => it.user.evaluate("return !host"));
      await it.user.click("#to-verification");
      await it.expectOneEnd();
    },
  ],
  [
    "leaving the route and coming back before there is a response creates one session",
    async (it) => {
      let release;
      const hold = new Promise((done) => (release = done));
      it.provider.browser.fault = ({ method }) => (method === "POST" ? { hold } : undefined);
      await it.browser.goto(it.url);
      await until("the page", () => it.user.evaluate("return deep('#to-other') && host"));
      await until("the create", () => it.provider.browser.requests.some(({ method }) => method === "POST"));
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
      release();
      await it.user.waitForPromptAndEvent();
      await it.expectOneEnd();
    },
  ],
  [
    "a Suspense boundary that hides the element keeps its frame",
    async (it) => {
      await it.open();
      await it.user.evaluate('host.mark = deep("iframe").mark = "the same"');
      await it.user.click("#suspend");
      await until("the fallback", () => it.user.evaluate("return deep('#fallback') && !host.checkVisibility()"));
      await it.browser.run("release()");
      await it.user.waitForText("#late", "It is here");
      const marks = await it.user.evaluate('return [host.mark, deep("iframe")?.mark]');
      if (marks.join() !== "the same,the same") throw new Error(`the marks are ${marks.join()}`);
      await it.expectOneEnd();
    },
  ],
  [
    "a Suspense boundary that is remounted resumes the same session",
    async (it) => {
      await it.open();
      await it.user.evaluate('host.mark = "before"');
      await it.user.click("#suspend");
      await until("the fallback", () => it.user.text("#fallback"));
      await it.user.click("#new-key");
      await it.browser.run("release()");
      await it.user.waitForText("#late", "It is here");
      await until("another element", () => it.user.evaluate("return host && host.mark !== 'before'"));
      await it.expectOneEnd();
    },
  ],
  [
    "an Activity that is hidden while the session ends reports the end when it is shown",
    async (it) => {
      await it.open();
      const id = await it.browser.run("return events[0].detail.sessionId");
      await it.user.click("#hide");
      await until("a hidden element", () => it.user.evaluate("return !host.checkVisibility()"));
      await it.provider.force(id, "COMPLETED");
      await until("the end", () => it.user.evaluate("return host.state.stage.ended?.reason === 'completed'"));
      await it.user.click("#show");
      await it.user.waitForText("#outcome", "completed");
      const handled = await it.browser.run("return handled.join()");
      if (handled !== "completed") throw new Error(`the handler was called with ${handled}`);
    },
  ],
  [
    "an Activity that is hidden and shown keeps the frame",
    async (it) => {
      await it.open();
      await it.user.evaluate('host.mark = deep("iframe").mark = "the same"');
      for (const name of ["#hide", "#show", "#hide", "#show"]) await it.user.click(name);
      await until("a visible element", () => it.user.evaluate("return host.checkVisibility()"));
      const marks = await it.user.evaluate('return [host.mark, deep("iframe")?.mark]');
      if (marks.join() !== "the same,the same") throw new Error(`the marks are ${marks.join()}`);
      await it.expectOneEnd();
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
    await report.check(server, () => expectEmptyTag(app.folder));
    for (const [name, play] of named) {
      await report.check(name, async () => runCase(await chromium(), app, name, (it) => play(actionsOf(app, it))));
    }
  }
  await cleanup.run();
}

/** Runs `render.mjs` in an app with any version of React. */
export async function expectEmptyTag(folder) {
  const output = await command(process.execPath, ["render.mjs"], { cwd: folder });
  const expected = '<cr3dentials-verify id="it"></cr3dentials-verify>';
  if (output.trim() !== expected) throw new Error(`it is ${output}`);
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
  await untilResponds(`${provider.origin}/`, server);
  return { provider, folder };
}

/** Returns the actions of a case on the app. Restores the file that a case may edit. */
function actionsOf({ provider, folder }, { user, browser }) {
  const file = join(folder, "src/verification.jsx");
  const original = join(FIXTURES, "react/src/verification.jsx");
  if (readFileSync(file, "utf8") !== readFileSync(original, "utf8")) cpSync(original, file);
  const url = `${provider.origin}/`;
  return {
    user,
    browser,
    provider,
    url,
    async open() {
      await browser.goto(url);
      await user.waitForPromptAndEvent();
    },
    edit(what, by) {
      const text = readFileSync(file, "utf8");
      if (!text.includes(what)) throw new Error(`${file} has no ${what}`);
      writeFileSync(file, text.replace(what, by));
    },
    /** Completes the walk and expects one session, one frame at a time and one end. */
    async expectOneEnd() {
      await user.signIn("success");
      await user.waitForText("#outcome", "completed");
      const counts = await browser.run(
        "return { ends: times('end'), frames: frameCount.most, handled: handled.join() }",
      );
      const creates = provider.api.requests.filter(({ method, path }) => method === "POST" && path.includes("session"));
      const actual = JSON.stringify({ ...counts, sessions: creates.length });
      const expected = JSON.stringify({ ends: 1, frames: 1, handled: "completed", sessions: 1 });
      if (actual !== expected) throw new Error(`it is ${actual}, not ${expected}`);
    },
  };
}
