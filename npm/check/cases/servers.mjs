// Importing the package on a server, because the rendered app imports it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { command } from "../project.mjs";

export const SERVERS = [
  [
    "importing the package keeps the server running and needs no window",
    async ({ app }) => {
      const folder = join(app.folder, "node_modules/cr3dentials-embed");
      const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      // Entries without a target only exclude paths from a pattern.
      const open = Object.keys(exports).filter((entry) => exports[entry] !== null);
      const entries = open.filter((entry) => !/[*]|\.(wasm|json)$/.test(entry));
      if (!entries.includes("./element")) throw new Error(`the entries are ${entries.join()}`);
      // The wrappers need their frameworks, which this app does not have.
      const own = entries.filter((entry) => !["./react", "./vue"].includes(entry));
      for (const entry of own) {
        const name = entry.replace(".", "cr3dentials-embed");
        const script = `const before = Object.keys(globalThis); const it = await import("${name}");
        it.define?.(); console.log(JSON.stringify(Object.keys(globalThis).filter((key) => !before.includes(key))));`;
        const output = await command(process.execPath, ["--input-type=module", "--eval", script], { cwd: app.folder });
        if (output.trim() !== "[]") throw new Error(`${name} on a server: ${output}`);
      }
    },
  ],
];
