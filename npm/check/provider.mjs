// The provider's sandbox and the partner's proxy: the real programs, serving the pages of one origin.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, freshFolder, ROOT, start, untilResponds } from "./project.mjs";
import { startRecordingProxy } from "./recording-proxy.mjs";

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
  const proxyOrigin = `http://127.0.0.1:${await freePort()}`;
  const backend = `http://127.0.0.1:${await freePort()}`;
  const proxies = {
    browser: await startRecordingProxy(proxyOrigin),
    api: await startRecordingProxy(sandbox),
    frame: await startRecordingProxy(sandbox, frameHost),
  };
  for (const proxy of Object.values(proxies)) cleanup.defer(() => proxy.close());

  const parents = [origin, ...framedBy.map((name) => `http://${name}:${port}`)].flatMap((it) => [
    "--parent-origin",
    it,
  ]);
  const options = ["--listen", host(sandbox), "--frame-origin", proxies.frame.origin, ...parents];
  const provider = start(SANDBOX, [
    ...options,
    "--allow-http-webhooks",
    "--api-key",
    API_KEY,
    "--speed",
    String(speed),
  ]);
  cleanup.defer(() => provider.stop());
  await untilResponds(`${sandbox}/`, provider);
  const partner = start(PROXY, [], {
    env: {
      CR3D_API_KEY: API_KEY,
      CR3D_UPSTREAM_URL: `${proxies.api.origin}/v1`,
      CR3D_LISTEN: host(proxyOrigin),
      CR3D_BACKEND_LISTEN: host(backend),
      CR3D_BACKEND_TOKEN: BACKEND_TOKEN,
      CR3D_DATABASE: join(freshFolder(`proxy/${name}`), "proxy.sqlite"),
      CR3D_ALLOWED_ORIGINS: origin,
      CR3D_WEBHOOK_URL: proxyOrigin,
      CR3D_USER_AUTH: "none",
    },
  });
  cleanup.defer(() => partner.stop());
  await untilResponds(`${proxyOrigin}/healthz`, partner);

  return {
    ...proxies,
    origin,
    /** The environment of an example's server. */
    environment: {
      PORT: String(port),
      PROXY_URL: proxies.browser.origin,
      BACKEND_URL: backend,
      BACKEND_TOKEN,
      FRAME_ORIGIN: proxies.frame.origin,
    },
    output: () => `the sandbox:\n${provider.output()}\nthe proxy:\n${partner.output()}`,
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
      const windows = proxies.frame.requests.filter(
        ({ method, path }) => method === "GET" && path.startsWith("/verify/"),
      );
      const statuses = new Map(windows.map(({ path }) => [path, []]));
      for (const { path, status } of windows) statuses.get(path).push(status);
      return statuses;
    },
    /** Returns the number of polls for a fresh status from the provider, as messages from the frame trigger them. */
    freshPolls: () => proxies.browser.requests.filter(({ path }) => path.includes("fresh=1")).length,
  };
}

function host(origin) {
  return new URL(origin).host;
}
