// A recording proxy between two programs. It forwards and records every request, and can inject faults.
import { readFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";

import { freePort } from "./project.mjs";

/** The key and certificate of every recording proxy with TLS, in one file. */
const PEM = readFileSync(join(import.meta.dirname, "fixtures/tls/frame.pem"));

/**
 * Opens a recording proxy in front of `target` (`http://host:port`). With a `name` it uses TLS, and its origin has that
 * name.
 *
 * `proxy.requests` lists every request: method, path with query, headers as `sent`, status once there is a response, and
 * `open` until then.
 * `proxy.fault` may be set to a function of such a request. It returns nothing, or `{ status, body, headers }` to
 * respond in the target's place, with JSON unless the headers say otherwise, or `{ hold }`, a promise that delays the
 * response, or `{ change }`, a function that rewrites a JSON response, or `{ timeout }`, the milliseconds after which it
 * responds with 504 like a gateway.
 */
export async function startRecordingProxy(target, name) {
  const { hostname, port: targetPort } = new URL(target);
  const proxy = { requests: [], fault: undefined };
  const forward = (request, response) => {
    const { method, url: path, headers: sent } = request;
    const record = { method, path, sent, at: Date.now(), status: undefined, open: true };
    proxy.requests.push(record);
    response.on("close", () => (record.open = false));
    const fault = proxy.fault?.(record) ?? {};
    if (fault.status !== undefined) {
      record.status = fault.status;
      request.resume();
      const { status, body = "{}", headers = { "Content-Type": "application/json" } } = fault;
      return void response.writeHead(status, headers).end(body);
    }
    const options = { hostname, port: targetPort, method, path, headers: sent };
    const forwarded = httpRequest(options, async (targetResponse) => {
      await fault.hold;
      record.status = targetResponse.statusCode;
      record.headers = targetResponse.headers;
      if (!fault.change) {
        response.writeHead(targetResponse.statusCode, targetResponse.headers);
        response.flushHeaders();
        return void targetResponse.pipe(response);
      }
      const chunks = await targetResponse.toArray();
      const body = JSON.stringify(fault.change(JSON.parse(Buffer.concat(chunks).toString())));
      const { "content-length": _, ...headers } = targetResponse.headers;
      response.writeHead(targetResponse.statusCode, headers).end(body);
    });
    let isLate = false;
    if (fault.timeout !== undefined) {
      const timer = setTimeout(() => {
        isLate = !response.headersSent;
        if (!isLate) return;
        record.status = 504;
        response.writeHead(504, { "Content-Type": "text/html" }).end("<!doctype html><title>Gateway Timeout</title>");
        forwarded.destroy();
      }, fault.timeout);
      response.on("close", () => clearTimeout(timer));
    }
    forwarded.on("error", () => isLate || response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  };
  const server = name ? createTlsServer({ key: PEM, cert: PEM }, forward) : createServer(forward);
  // A WebSocket is piped in both directions.
  const pipes = new Set();
  server.on("upgrade", (request, socket, head) => {
    const other = connect(targetPort, hostname, () => {
      const headers = request.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
      other.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers}\r\n`);
      other.write(head);
      other.pipe(socket).pipe(other);
    });
    for (const end of [socket, other]) {
      pipes.add(end);
      const destroyBoth = () => {
        socket.destroy();
        other.destroy();
      };
      end.on("error", destroyBoth);
      end.on("close", () => {
        destroyBoth();
        pipes.delete(end);
      });
    }
  });
  const port = await freePort();
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return Object.assign(proxy, {
    port,
    origin: name ? `https://${name}:${port}` : `http://127.0.0.1:${port}`,
    close() {
      for (const end of pipes) end.destroy();
      server.closeAllConnections();
      server.close();
    },
  });
}
