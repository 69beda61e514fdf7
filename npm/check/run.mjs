// Checks the package as its users get it: packed, installed, bundled, and in browsers.
//
//   node npm/check/run.mjs [--engines chromium,firefox,webkit] [--only NAME] [--bless]
//
// CR3D_SANDBOX and CR3D_PROXY are the paths of the two programs. CHROME, CHROMEDRIVER, FIREFOX, GECKODRIVER,
// WEBKITDRIVER and MINIBROWSER select other browsers. A missing engine is skipped, but fails if CI is "true". `--only`
// takes part of a check's name. `--bless` updates the list of packed files.
import { parseArgs } from "node:util";

import { checkCases } from "./cases.mjs";
import { checkDocs } from "./docs.mjs";
import { checkEngine } from "./engines.mjs";
import { checkExamples } from "./examples.mjs";
import { checkPackage, pack } from "./package.mjs";
import { Cleanup } from "./project.mjs";
import { checkReact } from "./react.mjs";
import { checkReactVersions } from "./react-versions.mjs";
import { checkReadme } from "./readme.mjs";
import { Report } from "./report.mjs";
import { checkTypes } from "./types.mjs";
import { ENGINES, startBrowser } from "./webdriver.mjs";

const { values } = parseArgs({
  options: {
    engines: { type: "string", default: "chromium,firefox,webkit" },
    only: { type: "string" },
    bless: { type: "boolean", default: false },
  },
});

const report = new Report(values.only);
const packed = await pack();
await checkPackage(report, packed, values.bless);
await checkTypes(report, packed.tarball);
await checkDocs(report);

const engines = values.engines.split(",");
const unknown = engines.filter((engine) => !ENGINES.includes(engine));
if (unknown.length > 0) throw new Error(`unknown engine ${unknown.join()}: the engines are ${ENGINES.join()}`);
const cleanup = new Cleanup();
const started = new Map();
/** Returns the shared browser of this engine, started on first use. */
function browserOf(engine) {
  if (!started.has(engine)) started.set(engine, startBrowser(cleanup, engine));
  return started.get(engine);
}

if (engines.includes("chromium")) {
  await checkExamples(report, packed.tarball, () => browserOf("chromium"));
  await checkCases(report, packed.tarball, () => browserOf("chromium"));
  await checkReadme(report, packed.tarball, () => browserOf("chromium"));
  await checkReact(report, packed.tarball, () => browserOf("chromium"));
  await checkReactVersions(report, packed.tarball, () => browserOf("chromium"));
}
for (const engine of engines) await checkEngine(report, packed.tarball, engine, browserOf);
await cleanup.run();
process.exit(report.finish());
