// Checks of docs/element.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { command, ROOT } from "./project.mjs";

const STRICT = join(ROOT, "examples/strict-csp/headers.mjs");

export async function checkDocs(report) {
  await report.check("docs: the policies in element.md are the ones strict-csp is served with", async () => {
    const text = readFileSync(join(ROOT, "docs/element.md"), "utf8");
    const written = [...text.matchAll(/^Content-Security-Policy: (.*)$/gm)].map(([, policy]) => policy);
    const served = await policiesOf("/", "/plain.html");
    if (written.join("\n") !== served.join("\n")) {
      throw new Error(`element.md has\n${written.join("\n")}\nbut the example serves\n${served.join("\n")}`);
    }
  });
}

/** Returns the policies that the example sends with these pages, for a frame at https://frame.example. */
async function policiesOf(...pages) {
  const script = `const { headersFor } = await import(${JSON.stringify(pathToFileURL(STRICT).href)});
    for (const page of ${JSON.stringify(pages)}) console.log(headersFor(page)["Content-Security-Policy"]);`;
  const env = { FRAME_ORIGIN: "https://frame.example" };
  const output = await command(process.execPath, ["--input-type=module", "--eval", script], { env });
  return output.trim().split("\n");
}
