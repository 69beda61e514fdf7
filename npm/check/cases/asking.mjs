// How the page asks how a session stands: what slow, failing and many answers do.
import { setTimeout as sleep } from "node:timers/promises";

import { until } from "../project.mjs";

/** Longer than a page that asks every three seconds waits before it asks again. */
const SLOW_MS = 3_500;
/** As soon as a page with nothing else on it. */
const AT_ONCE_MS = 5_000;
const PEOPLE = 6;

const isAsk = ({ method, path }) => method === "GET" && path.includes("/sessions/");

/** Six people who think cost a question each few seconds, all together. Each by itself would be two a second. */
async function costsLittle(api) {
  await until("nothing but pages of the list", () => {
    const last = api.seen.slice(-2);
    return last.length === 2 && last.every(({ path }) => path.includes("limit="));
  });
  const [before, began] = [api.seen.length, Date.now()];
  await until("four more questions", () => api.seen.length >= before + 4);
  const took = Date.now() - began;
  if (took < 6_000) throw new Error(`four questions in ${took} ms: that is ${Math.round(240_000 / took)} a minute`);
}

export const ASKING = [
  [
    "it completes once, though an answer takes longer than the next question would",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      app.provider.browser.weather = (seen) => (isAsk(seen) ? { hold: sleep(SLOW_MS) } : undefined);
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
      // Whatever was asked meanwhile has been answered.
      await until("every answer", () => app.provider.browser.seen.every(({ open }) => !open));
      const told = await browser.run("return ['complete', 'end'].map((name) => times(name))");
      if (told.join() !== "1,1") throw new Error(`complete and end were said ${told.join(" and ")} times`);
    },
  ],
  [
    "one refusal ends neither the asking nor the sign-in window",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      await person.look('deep("iframe").mark = "the same"');
      const refused = [401, 403, 500, 404];
      app.provider.browser.weather = (seen) =>
        isAsk(seen) && refused.length > 0 ? { status: refused.shift() } : undefined;
      await person.look("host.refresh()");
      await until("all of the refusals", () => refused.length === 0);
      await until(
        "a question after them",
        () => app.provider.browser.seen.at(-1).status === 200 || app.provider.browser.seen.at(-1).open,
      );
      const left = await person.look('return [deep("iframe")?.mark, times("end")]');
      if (left.join() !== "the same,0") throw new Error(`the frame and the ends: ${left.join()}`);
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "six people at a time cost little of the budget, and a seventh starts at once",
    async ({ app, person, browser }) => {
      await browser.goto(app.url("/empty.html"));
      await until("the tag", () => browser.run("return window.defined"));
      await browser.run(
        "for (let n = 0; n < arguments[0]; n++) start({ id: `e${n}`, resumeKey: `person-${n}` })",
        PEOPLE,
      );
      await until("six who are asked", async () => (await browser.run("return times('action')")) === PEOPLE);
      await browser.run("start({ id: 'seventh', resumeKey: 'seventh' }); window.which = '#seventh'");
      await until("a seventh frame", () => browser.run("return times('ready', 'seventh')"), AT_ONCE_MS);
      await person.signsIn("success");
      await until("the seventh's end", () => browser.run("return times('end', 'seventh')"));
      await costsLittle(app.provider.api);
      const refused = app.provider.api.seen.filter(({ status }) => status === 429).length;
      if (refused > 0) throw new Error(`the provider refused ${refused} requests`);
      if (app.provider.api.seen.length <= PEOPLE) throw new Error("the provider was not asked through the gate");
      const errors = await browser.run(
        "return events.filter(({ name }) => name === 'error').map(({ detail }) => detail.code)",
      );
      if (errors.length > 0) throw new Error(`the pages were told ${errors.join()}`);
    },
  ],
];
