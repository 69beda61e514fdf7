// Known problems of packages of this kind, each as a case that this package must pass. In Chromium.
import { join } from "node:path";
import { FORGED } from "./cases/forged.mjs";
import { LOADING } from "./cases/loading.mjs";
import { MANY } from "./cases/many.mjs";
import { PHONE } from "./cases/phone.mjs";
import { PLACES } from "./cases/places.mjs";
import { POLLING } from "./cases/polling.mjs";
import { RESTRICTED } from "./cases/restricted.mjs";
import { SERVERS } from "./cases/servers.mjs";
import { SHELL } from "./cases/shell.mjs";
import { FRAME_HOST, SIBLINGS } from "./cases/siblings.mjs";
import { TESTING } from "./cases/testing.mjs";
import { VIEW } from "./cases/view.mjs";
import { startExample } from "./examples.mjs";
import { saveFailureArtifacts } from "./failure-artifacts.mjs";
import { addPages } from "./pages.mjs";
import { Cleanup } from "./project.mjs";
import { addSecondVersion } from "./second-version.mjs";
import { User } from "./user.mjs";

const CASES = [
  ...FORGED,
  ...POLLING,
  ...SERVERS,
  ...LOADING,
  ...VIEW,
  ...TESTING,
  ...MANY,
  ...RESTRICTED,
  ...SHELL,
  ...PHONE,
  ...PLACES,
];

export async function checkCases(report, tarball, chromium) {
  const addAll = (folder) => {
    addPages(folder);
    return addSecondVersion(tarball, join(folder, "public/second"));
  };
  const start = (change, options) => (cleanup) => startExample(cleanup, "plain-html", tarball, change, options);
  await checkOn(report, "a page for the cases", start(addAll, { framedBy: ["127.0.0.1"] }), CASES, chromium);
  const tls = { frameHost: FRAME_HOST };
  await checkOn(report, "a page whose frame comes over TLS", start(addPages, tls), SIBLINGS, chromium);
}

/** Runs cases on the page that `startPage` starts. */
async function checkOn(report, page, startPage, cases, chromium) {
  const named = cases.map(([name, ...rest]) => [`chromium: ${name}`, ...rest]);
  if (!report.wants(named.map(([name]) => name))) return;
  const cleanup = new Cleanup();
  let app;
  const ready = await report.prepare(`chromium: ${page}`, async () => (app = await startPage(cleanup)));
  for (const [name, play, options] of ready ? named : []) {
    await report.check(name, async () => runCase(await chromium(), app, name, play, options));
  }
  await cleanup.run();
}

/** Runs a case in its own tab. Fails if the page throws, or if a sign-in window is loaded twice. */
export async function runCase(browser, app, name, play, { moves = false } = {}) {
  const user = new User(browser);
  try {
    await browser.inNewTab(async () => {
      await play({ app, user, browser }).catch(async (error) => {
        throw await saveFailureArtifacts(error, name, browser, app.provider);
      });
      const errors = await browser.run("return window.errors ?? []");
      if (errors.length > 0) throw new Error(`thrown in the page: ${errors.join("; ")}`);
    });
    for (const [path, statuses] of app.provider.loads()) {
      // After a move the browser loads the frame once more. The provider refuses, if the frame still exists then.
      const again = moves && statuses.length === 2 && [410, undefined].includes(statuses[1]);
      const fine = statuses.length === 1 || again;
      if (!fine) throw new Error(`${path} was requested ${statuses.length} times: ${statuses.join()}`);
    }
  } finally {
    for (const proxy of [app.provider.browser, app.provider.api, app.provider.frame]) {
      proxy.fault = undefined;
      proxy.requests.length = 0;
    }
  }
}
