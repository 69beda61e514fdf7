// The fake element in a partner's tests.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { command, NPM, ROOT, until } from "../project.mjs";

const ESBUILD = join(NPM, "node_modules/.bin/esbuild");

/**
 * Returns the Playwright recipe of element.md: the command that builds the init script, and the code run in the page.
 */
function recipe() {
  const [, section] = readFileSync(join(ROOT, "docs/element.md"), "utf8").split("\n## In your tests\n");
  const [, make] = /^```sh\nnpx esbuild ([\s\S]*?)^```$/m.exec(section);
  const [, play] = /page\.evaluate\((.*)\);$/m.exec(section);
  return { make: `"${ESBUILD}" ${make}`, play };
}

async function expectNoRequests({ app, browser }) {
  const names = await browser.run("return events.map(({ name }) => name)");
  if (names.at(-1) !== "end" || !names.includes("complete")) throw new Error(`it emitted ${names.join()}`);
  if (app.provider.browser.requests.length > 0) throw new Error("it sent a request");
}

export const TESTING = [
  [
    "a partner's test needs no provider",
    async (it) => {
      await it.browser.goto(it.app.url("/fake.html"));
      await until("the fake", () => it.browser.run("return window.played"));
      await expectNoRequests(it);
    },
  ],
  [
    "a partner's test in Playwright needs no provider and no change in the app",
    async (it) => {
      const { app, user, browser } = it;
      const { make, play } = recipe();
      await command(make, [], { cwd: app.folder, shell: true });
      const source = readFileSync(join(app.folder, "fake.js"), "utf8");
      // As Playwright does it: before all other scripts of the page, and in its own function.
      await browser.devtools("Page.addScriptToEvaluateOnNewDocument", { source: `(() => {\n${source}\n})();` });
      await browser.goto(app.url("/watched.html"));
      await browser.run(`return (${play})()`);
      // The app has received the events, but its own server decides.
      await user.waitForText("#outcome", "Not granted");
      await expectNoRequests(it);
      const files = await browser.run(
        "return performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1))",
      );
      if (!files.includes("element.js") || files.includes("view.js")) throw new Error(`it loaded ${files.join()}`);
    },
  ],
];
