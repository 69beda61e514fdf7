// Saves artifacts of a check that failed in a page.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freshFolder } from "./project.mjs";

/** Saves the page's state and the programs' output. Returns `error` with the folder added to its message. */
export async function saveFailureArtifacts(error, name, browser, provider) {
  const folder = freshFolder(`failed/${name.replace(/[^\w]+/g, "-")}`);
  const write = (file, content, encoding) => writeFileSync(join(folder, file), content, encoding);
  const save = async (file, read, encoding) => write(file, await read().catch((why) => String(why)), encoding);
  await browser.enter().catch(() => undefined);
  await save("page.html", () =>
    browser.run(`const host = document.querySelector("cr3dentials-verify");
      return document.documentElement.outerHTML + "\\n<!-- in the element: " + (host?.shadowRoot?.innerHTML ?? "nothing") + " -->";`),
  );
  await save("events.json", async () => JSON.stringify(await browser.run("return window.events ?? null"), null, 2));
  // WebKitGTK's driver never responds to this command.
  if (browser.engine !== "webkit") await save("page.png", () => browser.command("GET", "/screenshot"), "base64");
  if (browser.engine === "chromium")
    await save("console.json", async () => JSON.stringify(await browser.console(), null, 2));
  write("programs.log", provider.output());
  for (const proxyName of ["browser", "api", "frame"]) {
    const lines = provider[proxyName].requests.map(
      (request) => `${request.at} ${request.method} ${request.path} ${request.status} ${request.open ? "open" : ""}\n`,
    );
    write(`${proxyName}.log`, lines.join(""));
  }
  error.message += `\nSee ${folder}`;
  return error;
}
