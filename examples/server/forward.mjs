import * as http from "node:http";
import * as https from "node:https";
import { pipeline } from "node:stream";

const PROXY_URL = process.env.PROXY_URL ?? "http://127.0.0.1:7072";

/** What belongs to one connection and not to the message. `Host` is the name of whoever is asked. */
const NOT_FORWARDED = ["connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/**
 * Passes a request on to the proxy, and its answer back, as they come.
 *
 * `target` is a path and query and no more: a request line may hold the address of another server.
 *
 * There is no time-out: the proxy may hold a question for 25 seconds. `Origin`, cookies and `Authorization` go along,
 * because the proxy looks at them.
 */
export function forward(target, request, response) {
  const url = new URL(target, PROXY_URL);
  const options = { method: request.method, headers: forwarded(request.headers) };
  const asked = (url.protocol === "https:" ? https : http).request(url, options, (answer) => {
    response.writeHead(answer.statusCode, forwarded(answer.headers));
    // At once: who waits for the rest should know that there is an answer.
    response.flushHeaders();
    pipeline(answer, response, () => {});
  });
  asked.on("error", (error) => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    console.error(`The proxy at ${PROXY_URL} does not answer: ${error.message}`);
    const body = { status: "error", error: { code: "unavailable", message: "the proxy does not answer" } };
    response.writeHead(503, { "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(JSON.stringify(body));
  });
  // A browser that has left needs no answer, and the proxy need not hold one.
  response.on("close", () => {
    if (!response.writableFinished) asked.destroy();
  });
  request.pipe(asked);
}

function forwarded(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)));
}
