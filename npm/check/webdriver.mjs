// A browser driven over WebDriver by fetch, with the commands that the checks need.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { freePort, freshFolder, start, until, untilResponds } from "./project.mjs";
import { Skipped } from "./report.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Timeout for a WebDriver command, in milliseconds: longer than any wait for a page. */
const COMMAND_TIMEOUT_MS = 60_000;
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
  // Named hosts that all resolve to this machine, with a self-signed certificate.
  "--host-resolver-rules=MAP *.test 127.0.0.1",
];

/** The command line and capabilities of each engine's driver. */
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
 * Starts the browser of `engine`. Throws `Skipped` if it is not installed.
 *
 * @param prefs the user's settings, in the names of Chromium or Firefox
 * @param folder the folder for the user's profile
 */
export async function startBrowser(cleanup, engine, { prefs = {}, folder = freshFolder(`browser/${engine}`) } = {}) {
  const { driver, args, env = {}, capabilities, needsDisplay } = HOW[engine](folder, prefs);
  // Keeps the browser's own files in the folder for all output.
  const homes = { TMPDIR: folder, XDG_CACHE_HOME: join(folder, "cache"), XDG_CONFIG_HOME: join(folder, "config") };
  const display = needsDisplay ? { DISPLAY: await startDisplay(cleanup) } : {};
  const port = await freePort();
  const child = start(driver, args(port), { env: { ...env, ...homes, ...display } });
  cleanup.defer(() => child.stop());
  const base = `http://127.0.0.1:${port}`;
  await untilResponds(`${base}/status`, child);
  const always = { ...capabilities, unhandledPromptBehavior: "accept" };
  const { sessionId } = await call("POST", `${base}/session`, { capabilities: { alwaysMatch: always } });
  const browser = new Browser(engine, `${base}/session/${sessionId}`);
  cleanup.defer(() => browser.command("DELETE", ""));
  await browser.command("POST", "/timeouts", { script: 30_000, pageLoad: 60_000, implicit: 0 });
  return browser;
}

/** Starts an X server without a screen. Returns its display name. */
async function startDisplay(cleanup) {
  const child = start(tool("XVFB", "Xvfb"), ["-displayfd", "1", "-screen", "0", "1280x1100x24", "-nolisten", "tcp"]);
  cleanup.defer(() => child.stop());
  return until("an X server", () => /^\d+$/m.test(child.output()) && `:${/^(\d+)$/m.exec(child.output())[1]}`);
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

  /** Runs a function body in the page or frame. An element that it returns can be passed to the other methods. */
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
    // WebKitGTK's driver treats fields in a frame as not focusable, and types into the focused element.
    await this.click(element);
    const actions = [...text].flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.command("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Presses a key where the focus is. */
  press(value) {
    const actions = [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ];
    return this.command("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Turns the mouse wheel at a point of the window, by this many pixels. */
  wheel(x, y, deltaY) {
    const scroll = { type: "scroll", x, y, deltaX: 0, duration: 0, origin: "viewport" };
    // WebKitGTK's driver ignores a movement that is equal to the one before.
    const actions = [
      { ...scroll, deltaY: Math.sign(deltaY) },
      { ...scroll, deltaY },
    ];
    return this.command("POST", "/actions", { actions: [{ type: "wheel", id: "wheel", actions }] });
  }

  /** Presses the mouse at a point of the window. */
  pressAt(x, y) {
    const actions = [
      { type: "pointerMove", x, y, duration: 0, origin: "viewport" },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    return this.command("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  isShown(element) {
    return this.command("GET", `/element/${element[ELEMENT]}/displayed`);
  }

  /** Enters an iframe; without one, returns to the page. */
  enter(frame = null) {
    return this.command("POST", "/frame", { id: frame });
  }

  /** Opens a new tab, runs `visit`, closes the tab, and goes back. */
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

  /** Returns the console messages and errors since the last call. Chromium only. */
  async console() {
    return this.command("POST", "/se/log", { type: "browser" });
  }
}

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(COMMAND_TIMEOUT_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message?.split("\n")[0]}`);
  return value;
}

/** Returns the first of these programs that is installed; the environment variable takes precedence. */
function tool(variable, ...names) {
  if (process.env[variable]) return process.env[variable];
  const folders = [...process.env.PATH.split(":"), join(process.env.HOME ?? "", ".cargo/bin")];
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
  }
  throw new Skipped(`${names[0]} is not installed; \`cargo xtask setup\` installs or names it`);
}

/** Returns the path of WebKitGTK's MiniBrowser, which Debian installs in a folder named after the architecture. */
function miniBrowser() {
  if (process.env.MINIBROWSER) return process.env.MINIBROWSER;
  const folders = ["x86_64-linux-gnu", "aarch64-linux-gnu", "."].flatMap((machine) =>
    ["4.1", "6.0", "4.0"].map((version) => `${machine}/webkit2gtk-${version}`),
  );
  const found = folders.map((folder) => `/usr/lib/${folder}/MiniBrowser`).find((path) => existsSync(path));
  if (!found) throw new Skipped("WebKitGTK's MiniBrowser is not installed; `cargo xtask setup` installs or names it");
  return found;
}
