// The sheet on a phone and the page's own navigation: the page stays where it navigated to.
import { until } from "../project.mjs";
import { emulatePhone } from "./shell.mjs";

/** Waits for pending history changes to finish: this many round trips to the server take longer. */
const SETTLED = `return (async () => {
  for (let left = 30; left > 0; left -= 1) await fetch("/watch.js", { cache: "no-store" }).then((it) => it.text());
  return [location.pathname, document.querySelector("#route")?.textContent];
})()`;

function expectToStay(router, how) {
  return async ({ app, user, browser }) => {
    await emulatePhone(browser);
    await browser.goto(app.url(`/router-${router}.html?how=${encodeURIComponent(how)}`));
    await until("the tag", () => browser.run("return window.defined"));
    await user.click("#opener");
    await user.signIn("success");
    await until("the next route", () => browser.run("return document.querySelector('#route') !== null"));
    const [path, shown] = await browser.run(SETTLED);
    if (!path.endsWith("/done") && path !== "/done.html") throw new Error(`the page is back at ${path}`);
    if (shown !== "done") throw new Error(`the page shows ${shown}`);
  };
}

const WAYS = ["replaced", "pushed", "removed, pushed", "hidden, pushed", "hidden, assigned"];

export const PHONE = [
  ...["vue", "react"].flatMap((router) =>
    WAYS.map((how) => [`a page that navigates by ${router}-router (${how}) stays there`, expectToStay(router, how)]),
  ),
];
