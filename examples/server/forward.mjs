import * as http from "node:http";
import * as https from "node:https";
import { pipeline } from "node:stream";

const PROXY_URL = process.env.PROXY_URL ?? "http://127.0.0.1:7072";

/** Headers of a single connection, which are not forwarded. `Host` is the name of the requested server. */
const NOT_FORWARDED = ["connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/**
 * Forwards a request to the proxy, and streams the response back.
 *
 * `target` must be only a path and query, because a request line may contain the address of another server.
 *
 * There is no timeout: the proxy may hold a request for 25 seconds. `Origin`, cookies and `Authorization` are
 * forwarded, because the proxy checks them.
 */
export function forward(target, request, response) {
  const url = new URL(target, PROXY_URL);
  const options = { method: request.method, headers: forwarded(request.headers) };
  const forwardedRequest = (url.protocol === "https:" ? https : http).request(url, options, (proxyResponse) => {
    response.writeHead(proxyResponse.statusCode, forwarded(proxyResponse.headers));
    // Sent at once, so that the browser learns about the response before its body is complete.
    response.flushHeaders();
    pipeline(proxyResponse, response, () => {});
  });
  forwardedRequest.on("error", (error) => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    console.error(`No response from the proxy at ${PROXY_URL}: ${error.message}`);
    const body = { status: "error", error: { code: "unavailable", message: "no response from the proxy" } };
    response.writeHead(503, { "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(JSON.stringify(body));
  });
  // If the browser disconnects, the request to the proxy ends too.
  response.on("close", () => {
    if (!response.writableFinished) forwardedRequest.destroy();
  });
  request.pipe(forwardedRequest);
}

function forwarded(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)));
}
