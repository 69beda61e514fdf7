// A browser, driven over WebDriver: the commands that the checks need, by fetch.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { freePort, freshFolder, start, until, untilAnswers } from "./project.mjs";
import { Skipped } from "./report.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Longer than anything takes that a page is waited for. */
const ANSWER_MS = 60_000;
const CHROMIUM = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--lang=en-US",
  "--window-size=1280,1100",
  // Hosts with names, all of them this machine, with a certificate that nobody has signed.
  "--host-resolver-rules=MAP *.test 127.0.0.1",
];

/** How each engine's driver is started, and what is asked of it. */
const HOW = {
  chromium: (folder, prefs) => ({
    driver: tool("CHROMEDRIVER", "chromedriver"),
    args: (port) => [`--port=${port}`],
    capabilities: {
      acceptInsecureCerts: true,
      "goog:chromeOptions": {
        args: [...CHROMIUM, `--user-data-dir=${join(folder, "profile")}`],
        binary: tool("CHROME", "chromium"),
        prefs,
      },
      "goog:loggingPrefs": { browser: "ALL" },
    },
  }),
  firefox: (_, prefs) => ({
    driver: tool("GECKODRIVER", "geckodriver"),
    args: (port) => ["--port", String(port), "--log", "error"],
    capabilities: {
      "moz:firefoxOptions": { args: ["-headless"], binary: tool("FIREFOX", "firefox-esr", "firefox"), prefs },
    },
  }),
  webkit: () => ({
    driver: tool("WEBKITDRIVER", "WebKitWebDriver"),
    args: (port) => [`--port=${port}`],
    needsDisplay: true,
    env: { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
    capabilities: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } },
  }),
};

export const ENGINES = Object.keys(HOW);

/**
 * Starts the browser of `engine`. Throws `Skipped` where this machine has none.
 *
 * @param prefs what its user has set, by the names of Chromium or of Firefox
 * @param folder where it keeps what it knows of its user
 */
export async function startBrowser(cleanup, engine, { prefs = {}, folder = freshFolder(`browser/${engine}`) } = {}) {
  const { driver, args, env = {}, capabilities, needsDisplay } = HOW[engine](folder, prefs);
  // What it keeps about its user is of no interest and goes where everything goes.
  const homes = { TMPDIR: folder, XDG_CACHE_HOME: join(folder, "cache"), XDG_CONFIG_HOME: join(folder, "config") };
  const display = needsDisplay ? { DISPLAY: await startDisplay(cleanup) } : {};
  const port = await freePort();
  const child = start(driver, args(port), { env: { ...env, ...homes, ...display } });
  cleanup.defer(() => child.stop());
  const base = `http://127.0.0.1:${port}`;
  await untilAnswers(`${base}/status`, child);
  const always = { ...capabilities, unhandledPromptBehavior: "accept" };
  const { sessionId } = await call("POST", `${base}/session`, { capabilities: { alwaysMatch: always } });
  const browser = new Browser(engine, `${base}/session/${sessionId}`);
  cleanup.defer(() => browser.command("DELETE", ""));
  await browser.command("POST", "/timeouts", { script: 30_000, pageLoad: 60_000, implicit: 0 });
  return browser;
}

/** An X server without a screen. Answers its name. */
async function startDisplay(cleanup) {
  const child = start(tool("XVFB", "Xvfb"), ["-displayfd", "1", "-screen", "0", "1280x1100x24", "-nolisten", "tcp"]);
  cleanup.defer(() => child.stop());
  return until("an X server", () => /^\d+$/m.test(child.said()) && `:${/^(\d+)$/m.exec(child.said())[1]}`);
}

export class Browser {
  #url;

  constructor(engine, url) {
    this.engine = engine;
    this.#url = url;
  }

  command(method, path, body) {
    return call(method, this.#url + path, body);
  }

  goto(url) {
    return this.command("POST", "/url", { url });
  }

  reload() {
    return this.command("POST", "/refresh", {});
  }

  /** Runs the body of a function in the page or frame. An element in its answer can be used with the rest. */
  run(script, ...args) {
    return this.command("POST", "/execute/sync", { script, args });
  }

  find(selector) {
    return this.command("POST", "/element", { using: "css selector", value: selector });
  }

  click(element) {
    return this.command("POST", `/element/${element[ELEMENT]}/click`, {});
  }

  /** Presses the keys for `text` in a field. */
  async type(element, text) {
    if (this.engine !== "webkit") return this.command("POST", `/element/${element[ELEMENT]}/value`, { text });
    // WebKitGTK's driver finds no field of a frame focusable, and types where the focus is.
    await this.click(element);
    const actions = [...text].flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.command("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  isShown(element) {
    return this.command("GET", `/element/${element[ELEMENT]}/displayed`);
  }

  /** Into an iframe; back to the page when there is none. */
  enter(frame = null) {
    return this.command("POST", "/frame", { id: frame });
  }

  /** Goes to a new tab, which is closed after `visit`, and back. */
  async inNewTab(visit) {
    const before = await this.command("GET", "/window");
    // A tab of WebKitGTK's browser stays hidden behind the first one.
    const type = this.engine === "webkit" ? "window" : "tab";
    const { handle } = await this.command("POST", "/window/new", { type });
    await this.command("POST", "/window", { handle });
    try {
      return await visit(handle);
    } finally {
      await this.command("POST", "/window", { handle });
      await this.command("DELETE", "/window");
      await this.command("POST", "/window", { handle: before });
    }
  }

  tab(handle) {
    return this.command("POST", "/window", { handle });
  }

  tabs() {
    return this.command("GET", "/window/handles");
  }

  /** Chromium only. */
  devtools(cmd, params) {
    return this.command("POST", "/goog/cdp/execute", { cmd, params });
  }

  /** What the page wrote to the console since the last time, with what went wrong in it. Chromium only. */
  async console() {
    return this.command("POST", "/se/log", { type: "browser" });
  }
}

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message?.split("\n")[0]}`);
  return value;
}

/** The first of these programs that is installed; the variable wins. */
function tool(variable, ...names) {
  if (process.env[variable]) return process.env[variable];
  const folders = [...process.env.PATH.split(":"), join(process.env.HOME ?? "", ".cargo/bin")];
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
  }
  throw new Skipped(`${names[0]} is not installed; \`cargo xtask setup\` brings or names it`);
}

/** WebKitGTK's own small browser. Debian puts it in a folder with the machine's name. */
function miniBrowser() {
  if (process.env.MINIBROWSER) return process.env.MINIBROWSER;
  const folders = ["x86_64-linux-gnu", "aarch64-linux-gnu", "."].flatMap((machine) =>
    ["4.1", "6.0", "4.0"].map((version) => `${machine}/webkit2gtk-${version}`),
  );
  const found = folders.map((folder) => `/usr/lib/${folder}/MiniBrowser`).find((path) => existsSync(path));
  if (!found) throw new Skipped("WebKitGTK's MiniBrowser is not installed; `cargo xtask setup` brings or names it");
  return found;
}
