// The provider's sandbox and the partner's proxy: the real programs, serving the pages of one origin.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { openGate } from "./gate.mjs";
import { freePort, freshFolder, ROOT, start, untilAnswers } from "./project.mjs";

const API_KEY = "sandbox-key";
const BACKEND_TOKEN = "backend-token-of-the-checks-0123456789";

/** The paths of the two programs. */
export const SANDBOX = program("CR3D_SANDBOX", "cr3dentials-sandbox");
export const PROXY = program("CR3D_PROXY", "cr3dentials-proxy");

function program(variable, name) {
  return process.env[variable] || join(ROOT, "target/debug", name);
}

/**
 * Starts both for pages of `http://localhost:<port>`, with recording proxies: `browser` in front of the proxy, `api` in
 * front of the provider's API, `frame` in front of its sign-in window.
 *
 * @param frameHost the host name of the sign-in window, which is then served over TLS
 * @param framedBy names of hosts whose pages may frame the origin's
 */
export async function startProvider(cleanup, name, port, { speed = 4, frameHost, framedBy = [] } = {}) {
  for (const [file, variable] of [
    [SANDBOX, "CR3D_SANDBOX"],
    [PROXY, "CR3D_PROXY"],
  ]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: build it, or set ${variable} to its path`);
  }
  const origin = `http://localhost:${port}`;
  const sandbox = `http://127.0.0.1:${await freePort()}`;
  const proxy = `http://127.0.0.1:${await freePort()}`;
  const backend = `http://127.0.0.1:${await freePort()}`;
  const gates = {
    browser: await openGate(proxy),
    api: await openGate(sandbox),
    frame: await openGate(sandbox, frameHost),
  };
  for (const gate of Object.values(gates)) cleanup.defer(() => gate.close());

  const parents = [origin, ...framedBy.map((name) => `http://${name}:${port}`)].flatMap((it) => ["--parent-origin", it]);
  const options = ["--listen", host(sandbox), "--frame-origin", gates.frame.origin, ...parents];
  const provider = start(SANDBOX, [
    ...options,
    "--allow-http-webhooks",
    "--api-key",
    API_KEY,
    "--speed",
    String(speed),
  ]);
  cleanup.defer(() => provider.stop());
  await untilAnswers(`${sandbox}/`, provider);
  const partner = start(PROXY, [], {
    env: {
      CR3D_API_KEY: API_KEY,
      CR3D_UPSTREAM_URL: `${gates.api.origin}/v1`,
      CR3D_LISTEN: host(proxy),
      CR3D_BACKEND_LISTEN: host(backend),
      CR3D_BACKEND_TOKEN: BACKEND_TOKEN,
      CR3D_DATABASE: join(freshFolder(`proxy/${name}`), "proxy.sqlite"),
      CR3D_ALLOWED_ORIGINS: origin,
      CR3D_WEBHOOK_URL: proxy,
      CR3D_USER_AUTH: "none",
    },
  });
  cleanup.defer(() => partner.stop());
  await untilAnswers(`${proxy}/healthz`, partner);

  return {
    ...gates,
    origin,
    /** The environment of an example's server. */
    environment: {
      PORT: String(port),
      PROXY_URL: gates.browser.origin,
      BACKEND_URL: backend,
      BACKEND_TOKEN,
      FRAME_ORIGIN: gates.frame.origin,
    },
    said: () => `the sandbox:\n${provider.said()}\nthe proxy:\n${partner.said()}`,
    /** Returns the provider's sessions, from its control routes. */
    async sessions() {
      const response = await fetch(`${sandbox}/sandbox/sessions`, { signal: AbortSignal.timeout(5_000) });
      return (await response.json()).sessions;
    },
    /** Makes the provider report this status for a session. */
    async force(sessionId, status) {
      const response = await fetch(`${sandbox}/sandbox/sessions/${sessionId}/status`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ status }),
        signal: AbortSignal.timeout(5_000),
      });
      if (!response.ok) throw new Error(`the sandbox responds with ${response.status}: ${await response.text()}`);
    },
    /** Returns the response statuses of each sign-in window's URL. */
    loads() {
      const windows = gates.frame.seen.filter(({ method, path }) => method === "GET" && path.startsWith("/verify/"));
      const statuses = new Map(windows.map(({ path }) => [path, []]));
      for (const { path, status } of windows) statuses.get(path).push(status);
      return statuses;
    },
    /** Returns the number of polls that bypassed the proxy's cache, as messages from the frame trigger them. */
    freshAsks: () => gates.browser.seen.filter(({ path }) => path.includes("fresh=1")).length,
  };
}

function host(origin) {
  return new URL(origin).host;
}
