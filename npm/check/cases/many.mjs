// Several elements, tabs or versions.

import { until } from "../project.mjs";
import { User } from "../user.mjs";

/** Timeout for the page's own requests, in milliseconds; a long poll takes up to 25 seconds. */
const OWN_MS = 5_000;

/** Expects responses to the page's own requests during long polls, although browsers allow only six connections. */
async function expectFreeConnections({ app, browser }) {
  const held = ({ method, path, open }) => open && method === "GET" && path.includes("/sessions/");
  await until("a long poll", () => app.provider.browser.requests.some(held));
  const statuses = await browser.run(
    `const own = (n) => fetch("/?own=" + n, { cache: "no-store", signal: AbortSignal.timeout(arguments[0]) });
    return Promise.all([1, 2, 3, 4, 5, 6].map((n) => own(n).then(({ status }) => status, String)));`,
    OWN_MS,
  );
  if (statuses.some((status) => status !== 200)) throw new Error(`the page's own requests: ${statuses.join()}`);
}

export const MANY = [
  [
    "three elements at a time have three sessions",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/empty.html"));
      await until("the tag", () => browser.run("return window.defined"));
      await browser.run("for (const id of ['a', 'b', 'c']) start({ id, resumeKey: id })");
      await until("three sign-in prompts", async () => (await browser.run("return times('action')")) === 3);
      await expectFreeConnections({ app, browser });
      for (const id of ["b", "c", "a"]) {
        await browser.run("window.which = '#' + arguments[0]", id);
        await user.signIn("success");
      }
      for (const id of ["a", "b", "c"]) {
        await until(`the end of ${id}`, () => browser.run("return times('end', arguments[0])", id));
      }
      const ends = await browser.run("return events.filter(({ name }) => name === 'end').map(({ detail }) => detail)");
      const ids = new Set(ends.map(({ sessionId }) => sessionId));
      const reasons = ends.map(({ reason }) => reason).join();
      if (ids.size !== 3 || reasons !== "completed,completed,completed")
        throw new Error(`${ids.size} sessions: ${reasons}`);
    },
  ],
  [
    "two tabs have two sessions and do not affect each other",
    async ({ app, user, browser }) => {
      const watched = app.url("/watched.html");
      await browser.goto(watched);
      await user.waitForPromptAndEvent();
      const first = await browser.command("GET", "/window");
      await browser.inNewTab(async () => {
        await browser.goto(watched);
        await user.waitForPromptAndEvent();
        await expectFreeConnections({ app, browser });
        await user.signIn("success");
        await user.waitForText("#outcome", "Granted");
        const errors = await browser.run("return [errors, times('error')]");
        if (errors.join() !== ",0") throw new Error(`in the second tab: ${errors.join()}`);
      });
      await browser.tab(first);
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
      if ((await browser.run("return times('error')")) > 0) throw new Error("the first tab had an error");
      const sessions = (await app.provider.sessions()).slice(0, 2).map(({ status }) => status);
      if (sessions.join() !== "COMPLETED,COMPLETED") throw new Error(`the provider's statuses are ${sessions.join()}`);
    },
  ],
  [
    "two versions on one page share the tag",
    async ({ app, browser }) => {
      await browser.goto(app.url("/versions.html"));
      await until("both versions", () => browser.run("return window.defined"));
      const user = new User(browser);
      await browser.run("for (const id of ['one', 'two']) start({ id, resumeKey: id })");
      await until("two sign-in prompts", async () => (await browser.run("return times('action')")) === 2);
      await expectFreeConnections({ app, browser });
      for (const id of ["one", "two"]) {
        await browser.run("window.which = '#' + arguments[0]", id);
        await user.signIn("success");
        await until(`the end of ${id}`, () => browser.run("return times('end', arguments[0])", id));
      }
      const reasons = await browser.run(
        "return events.filter(({ name }) => name === 'end').map(({ detail }) => detail.reason)",
      );
      if (reasons.join() !== "completed,completed") throw new Error(reasons.join());
      // The second version has its own texts and classes, but shares the first one's element.
      const versions = await browser.run("return window.versions");
      if (new Set(versions).size !== 2) throw new Error(`both have the same version: ${versions.join()}`);
    },
  ],
];
