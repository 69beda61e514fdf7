// Saves artifacts of a check that failed in a page.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freshFolder } from "./project.mjs";

/** Saves the page's state and the programs' output. Returns `error` with the folder added to its message. */
export async function keepEvidence(error, name, browser, provider) {
  const folder = freshFolder(`failed/${name.replace(/[^\w]+/g, "-")}`);
  const write = (file, content, encoding) => writeFileSync(join(folder, file), content, encoding);
  const keep = async (file, look, encoding) => write(file, await look().catch((why) => String(why)), encoding);
  await browser.enter().catch(() => undefined);
  await keep("page.html", () =>
    browser.run(`const host = document.querySelector("cr3dentials-verify");
      return document.documentElement.outerHTML + "\\n<!-- in the element: " + (host?.shadowRoot?.innerHTML ?? "nothing") + " -->";`),
  );
  await keep("events.json", async () => JSON.stringify(await browser.run("return window.events ?? null"), null, 2));
  // WebKitGTK's driver never responds to this command.
  if (browser.engine !== "webkit") await keep("page.png", () => browser.command("GET", "/screenshot"), "base64");
  if (browser.engine === "chromium")
    await keep("console.json", async () => JSON.stringify(await browser.console(), null, 2));
  write("programs.log", provider.said());
  for (const gate of ["browser", "api", "frame"]) {
    const lines = provider[gate].seen.map(
      (seen) => `${seen.at} ${seen.method} ${seen.path} ${seen.status} ${seen.open ? "open" : ""}\n`,
    );
    write(`${gate}.log`, lines.join(""));
  }
  error.message += `\nSee ${folder}`;
  return error;
}
