// A sign-in window on a host with a name, and pages that forge messages on hosts with similar names.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { until } from "../project.mjs";
import { expectNoEffect, forgeBesideElement, forgeInFrame } from "./forged.mjs";

export const FRAME_HOST = "frame.provider.co.test";
/** A sibling, a host with the same ending, one with the same last two labels, and one with the same beginning. */
const SIMILAR_HOSTS = [
  "evil.provider.co.test",
  "evilframe.provider.co.test",
  "attacker.co.test",
  "frame.provider.co.test.attacker.test",
];
const FORGER = readFileSync(join(import.meta.dirname, "../fixtures/pages/forger.html"));
const WINDOW = ".cr3d-frame iframe";

/** Serves the forging page on every host, and redirects requests for a sign-in window to the one on `forger`. */
function redirectTo(forger) {
  const html = { "Content-Type": "text/html" };
  return ({ path }) => {
    if (path.startsWith("/verify/")) return { status: 302, headers: { Location: forger } };
    return path === "/forger.html" ? { status: 200, body: FORGER, headers: html } : undefined;
  };
}

/** Forges messages from each of these hosts, next to the sign-in window and in its place. */
async function forgeFromSimilarHosts({ app, user, browser }, { before = "", held }) {
  const { provider } = app;
  for (const host of SIMILAR_HOSTS) {
    const forger = `https://${host}:${provider.frame.port}/forger.html`;
    provider.frame.fault = redirectTo(forger);
    await browser.goto(app.url("/empty.html"));
    await until("the tag", () => browser.run("return window.defined"));
    await browser.run(`${before}; start({ resumeKey: arguments[0] })`, host);
    await until("a ready session", () =>
      browser.run("return events.some(({ name, detail }) => name === 'status' && detail.status === 'READY')"),
    );
    await until("a forging page in the window", () => browser.run("return forgers"));
    const forge = async () => {
      await forgeBesideElement(browser, forger);
      await forgeInFrame(browser, await user.evaluate(`return deep("${WINDOW}")`));
    };
    await expectNoEffect(user, provider, forge, { held });
  }
  provider.frame.fault = undefined;
  await user.evaluate("host.remount()");
  await user.signIn("success");
  await until("the end", () => browser.run("return times('complete')"));
}

const NAME = "a sibling of the right host, or a host with a similar name, has no effect";

export const SIBLINGS = [
  [NAME, (it) => forgeFromSimilarHosts(it, { held: 1 })],
  // Plain mode has no long polls.
  [`${NAME}, in plain mode`, (it) => forgeFromSimilarHosts(it, { before: "delete window.WebAssembly", held: 0 })],
];
