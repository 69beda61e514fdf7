// Status polling: slow, failing and numerous responses.
import { setTimeout as sleep } from "node:timers/promises";

import { until } from "../project.mjs";

/** Longer than the interval between two polls, in milliseconds. */
const SLOW_MS = 3_500;
/** Time within which a page on its own would start, in milliseconds. */
const AT_ONCE_MS = 5_000;
const USERS = 6;

const isPoll = ({ method, path }) => method === "GET" && path.includes("/sessions/");

/** Expects six undecided users to cost one poll every few seconds in total. Separately they would cost two a second. */
async function expectFewRequests(api) {
  await until("only requests for list pages", () => {
    const last = api.requests.slice(-2);
    return last.length === 2 && last.every(({ path }) => path.includes("limit="));
  });
  const [before, began] = [api.requests.length, Date.now()];
  await until("four more requests", () => api.requests.length >= before + 4);
  const took = Date.now() - began;
  if (took < 6_000) throw new Error(`four requests in ${took} ms, which is ${Math.round(240_000 / took)} a minute`);
}

export const POLLING = [
  [
    "the session completes once, even if a response takes longer than the poll interval",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      app.provider.browser.fault = (request) => (isPoll(request) ? { hold: sleep(SLOW_MS) } : undefined);
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
      // Every request made meanwhile has got its response.
      await until("every response", () => app.provider.browser.requests.every(({ open }) => !open));
      const counts = await browser.run("return ['complete', 'end'].map((name) => times(name))");
      if (counts.join() !== "1,1") throw new Error(`complete and end were emitted ${counts.join(" and ")} times`);
    },
  ],
  [
    "one refusal ends neither the polling nor the sign-in window",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await user.evaluate('deep("iframe").mark = "the same"');
      const refused = [401, 403, 500, 404];
      app.provider.browser.fault = (request) =>
        isPoll(request) && refused.length > 0 ? { status: refused.shift() } : undefined;
      await user.evaluate("host.refresh()");
      await until("all refusals", () => refused.length === 0);
      await until(
        "a poll after them",
        () => app.provider.browser.requests.at(-1).status === 200 || app.provider.browser.requests.at(-1).open,
      );
      const left = await user.evaluate('return [deep("iframe")?.mark, times("end")]');
      if (left.join() !== "the same,0") throw new Error(`the frame and the ends: ${left.join()}`);
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  [
    "six users at a time cost little of the budget, and a seventh starts at once",
    async ({ app, user, browser }) => {
      await browser.goto(app.url("/empty.html"));
      await until("the tag", () => browser.run("return window.defined"));
      await browser.run("for (let n = 0; n < arguments[0]; n++) start({ id: 'e' + n, resumeKey: 'user-' + n })", USERS);
      await until("six sign-in prompts", async () => (await browser.run("return times('action')")) === USERS);
      await browser.run("start({ id: 'seventh', resumeKey: 'seventh' }); window.which = '#seventh'");
      await until("a seventh frame", () => browser.run("return times('ready', 'seventh')"), AT_ONCE_MS);
      await user.signIn("success");
      await until("the seventh's end", () => browser.run("return times('end', 'seventh')"));
      await expectFewRequests(app.provider.api);
      const refused = app.provider.api.requests.filter(({ status }) => status === 429).length;
      if (refused > 0) throw new Error(`the provider refused ${refused} requests`);
      if (app.provider.api.requests.length <= USERS) throw new Error("no request went through the recording proxy");
      const errors = await browser.run(
        "return events.filter(({ name }) => name === 'error').map(({ detail }) => detail.code)",
      );
      if (errors.length > 0) throw new Error(`the pages received the errors ${errors.join()}`);
    },
  ],
];
