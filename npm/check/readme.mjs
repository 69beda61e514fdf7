// Follows npm/README.md literally: runs its commands, writes its code into files, and uses the result as a user would.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Cleanup, command, freePort, freshFolder, NPM, ROOT, start, until, untilResponds } from "./project.mjs";
import { PROXY, SANDBOX } from "./provider.mjs";
import { User } from "./user.mjs";

const FROM_EMPTY = "From an empty folder";
/** The default ports in the README. */
const USUAL = { page: 5173, sandbox: 7071, proxy: 7072, backend: 7073 };
const PROGRAMS = { "cr3dentials-sandbox": SANDBOX, "cr3dentials-proxy": PROXY };

export async function checkReadme(report, tarball, chromium) {
  const text = readFileSync(join(NPM, "README.md"), "utf8");
  await report.check("README: every option and event is named", () => expectAllNamed(text));
  const names = ["chromium: README: from an empty folder to “Verified”", "chromium: README: its policy suffices"];
  if (!report.wants(names)) return;
  const cleanup = new Cleanup();
  const app = { folder: freshFolder("readme"), ports: {} };
  for (const name of Object.keys(USUAL)) app.ports[name] = await freePort();
  const stopPage = new Cleanup();
  const passed = await report.prepare(names[0], async () => {
    await follow(section(text, FROM_EMPTY), app, tarball, cleanup, stopPage);
    await completeVerification(await chromium(), `http://localhost:${app.ports.page}/`);
  });
  await stopPage.run();
  if (passed) {
    await report.check(names[1], async () => {
      await serveWithPolicy(text, app, cleanup);
      await completeVerification(await chromium(), `http://localhost:${app.ports.page}/`);
    });
  }
  await cleanup.run();
}

async function completeVerification(browser, url) {
  await browser.console();
  await browser.inNewTab(async () => {
    const user = new User(browser);
    await browser.goto(url);
    await user.signIn("success");
    await user.waitForText(".cr3d-title", "Verified");
    const output = (await browser.console()).map(({ level, message }) => `${level} ${message}`);
    if (!output.some((line) => line.includes("For display only")))
      throw new Error("the page's own line is missing in the console");
    const wrong = output.filter((line) => line.startsWith("SEVERE"));
    if (wrong.length > 0) throw new Error(`in the console:\n${wrong.join("\n")}`);
  });
}

/** Follows a section block by block, each in the empty folder. `stopPage` stops the page's server. */
async function follow(blocks, app, tarball, cleanup, stopPage) {
  const others = new Map(Object.entries(USUAL).map(([name, port]) => [String(port), String(app.ports[name])]));
  const moved = (code) => code.replace(/\b\d{4}\b/g, (port) => others.get(port) ?? port);
  let place = app.folder;
  for (const { language, before, code } of blocks) {
    if (language !== "sh") {
      // The file named in the sentence before the block, in the app.
      const file = /`([^`]+)`/.exec(before)[1];
      mkdirSync(dirname(join(app.folder, "my-app", file)), { recursive: true });
      writeFileSync(join(app.folder, "my-app", file), moved(code));
      continue;
    }
    place = app.folder;
    for (const line of moved(code.replaceAll("\\\n", " ")).split("\n").filter(Boolean)) {
      if (line.startsWith("cd ")) place = join(place, line.slice(3));
      else if (line.startsWith("git clone ")) mkdirSync(join(place, "cr3dentials-embed"));
      else if (line.includes("cargo run -p ")) await startProgram(line, app, cleanup);
      else if (line === "npm run dev") {
        const page = start("npm", ["run", "dev", "--", "--port", String(app.ports.page), "--strictPort"], {
          cwd: place,
        });
        stopPage.defer(() => {
          page.stop();
          return page.ended;
        });
        await untilResponds(`http://localhost:${app.ports.page}/`, page);
      } else if (/^npm (create|install)\b/.test(line)) {
        const here = line.replace(/ cr3dentials-embed$/, ` ${tarball}`);
        // Accepts npm's prompt to download the package that creates the app.
        await command(here, [], { cwd: place, shell: true, env: { npm_config_yes: "true" } });
      } else throw new Error(`the README has an unknown command: ${line}`);
    }
  }
}

/** Runs `A=b cargo run -p NAME -- OPTIONS` with the program that is already built. */
async function startProgram(line, { ports, folder }, cleanup) {
  const [, variables, name, options] = /^(.*?)\s*cargo run -p (\S+)(?: --)?\s*(.*)$/.exec(line);
  const given = variables
    .split(/\s+/)
    .filter(Boolean)
    .map((pair) => /^([^=]+)=(.*)$/.exec(pair).slice(1));
  // The settings that the README leaves at their defaults.
  const elsewhere = {
    SANDBOX_LISTEN: `127.0.0.1:${ports.sandbox}`,
    CR3D_LISTEN: `127.0.0.1:${ports.proxy}`,
    CR3D_BACKEND_LISTEN: `127.0.0.1:${ports.backend}`,
  };
  const env = { ...elsewhere, ...Object.fromEntries(given) };
  if (!PROGRAMS[name]) throw new Error(`the README runs an unknown program: ${name}`);
  const child = start(PROGRAMS[name], options.split(/\s+/).filter(Boolean), { cwd: folder, env });
  cleanup.defer(() => child.stop());
  const health =
    name === "cr3dentials-proxy" ? `http://127.0.0.1:${ports.proxy}/healthz` : `http://127.0.0.1:${ports.sandbox}/`;
  await untilResponds(health, child);
}

/** Builds the same app and serves it with exactly the README's policy. */
async function serveWithPolicy(text, { folder, ports }, cleanup) {
  const app = join(folder, "my-app");
  const header = /^Content-Security-Policy: (.*)$/m.exec(text)[1];
  const policy = header.replace("https://frame.example", `http://127.0.0.1:${ports.sandbox}`);
  if (policy === header) throw new Error("the policy names no https://frame.example");
  const headers = JSON.stringify({ "Content-Security-Policy": policy });
  writeFileSync(join(app, "headers.mjs"), `export const headersFor = () => (${headers});\n`);
  await command("npm", ["run", "build"], { cwd: app });
  const server = start(process.execPath, [join(ROOT, "examples/server/server.mjs"), "dist", "headers.mjs"], {
    cwd: app,
    env: { PORT: String(ports.page), PROXY_URL: `http://127.0.0.1:${ports.proxy}`, BACKEND_TOKEN: "not needed here" },
  });
  cleanup.defer(() => server.stop());
  await untilResponds(`http://localhost:${ports.page}/`, server);
  await until("the policy", async () => {
    const response = await fetch(`http://localhost:${ports.page}/`);
    await response.text();
    return response.headers.get("Content-Security-Policy") === policy;
  });
}

/** Returns the code blocks below a heading, each with the text before it. */
function section(text, heading) {
  const from = text.split(`\n## ${heading}\n`)[1];
  if (from === undefined) throw new Error(`the heading “${heading}” is missing`);
  const body = from.split("\n## ")[0];
  return [...body.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language, 2: code }) => {
    return { before: body.slice(0, index).trim().split("\n").at(-1), language, code };
  });
}

function expectAllNamed(text) {
  const file = join(ROOT, "tests/fixtures/element-contract.json");
  const { attributes, propertiesWithoutAttribute, events } = JSON.parse(readFileSync(file, "utf8"));
  const names = [
    ...Object.keys(attributes),
    ...propertiesWithoutAttribute,
    ...Object.keys(events).map((name) => `cr3d-${name}`),
  ];
  if (names.length < 30) throw new Error(`only ${names.length} options and events were found`);
  const missing = names.filter((name) => !text.includes(`\`${name}\``));
  if (missing.length > 0) throw new Error(`these are not named: ${missing.join(", ")}`);
}
