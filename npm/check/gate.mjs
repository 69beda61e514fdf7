// A recording proxy between two programs. It forwards and records every request, and can inject faults.
import { readFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";

/** The key and certificate of every recording proxy with TLS, in one file. */
const PEM = readFileSync(join(import.meta.dirname, "fixtures/tls/frame.pem"));

/**
 * Opens a recording proxy in front of `target` (`http://host:port`). With a `name` it uses TLS, and its origin has that
 * name.
 *
 * `gate.seen` lists every request: method, path with query, status once there is a response, and `open` until then.
 * `gate.weather` may be set to a function of such a request. It returns nothing, or `{ status, body, headers }` to
 * respond in the target's place, with JSON unless the headers say otherwise, or `{ hold }`, a promise that delays the
 * response, or `{ change }`, a function that rewrites a JSON response.
 */
export async function openGate(target, name) {
  const { hostname, port: targetPort } = new URL(target);
  const gate = { seen: [], weather: undefined };
  const pass = (request, response) => {
    const seen = { method: request.method, path: request.url, at: Date.now(), status: undefined, open: true };
    gate.seen.push(seen);
    response.on("close", () => (seen.open = false));
    const weather = gate.weather?.(seen) ?? {};
    if (weather.status !== undefined) {
      seen.status = weather.status;
      request.resume();
      const { status, body = "{}", headers = { "Content-Type": "application/json" } } = weather;
      return void response.writeHead(status, headers).end(body);
    }
    const options = { hostname, port: targetPort, method: request.method, path: request.url, headers: request.headers };
    const forwarded = ask(options, async (answer) => {
      await weather.hold;
      seen.status = answer.statusCode;
      seen.headers = answer.headers;
      if (!weather.change) {
        response.writeHead(answer.statusCode, answer.headers);
        response.flushHeaders();
        return void answer.pipe(response);
      }
      const chunks = await answer.toArray();
      const body = JSON.stringify(weather.change(JSON.parse(Buffer.concat(chunks).toString())));
      const { "content-length": _, ...headers } = answer.headers;
      response.writeHead(answer.statusCode, headers).end(body);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  };
  const server = name ? createTlsServer({ key: PEM, cert: PEM }, pass) : createServer(pass);
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
      end.on("error", () => (socket.destroy(), other.destroy()));
      end.on("close", () => (socket.destroy(), other.destroy(), pipes.delete(end)));
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return Object.assign(gate, {
    port,
    origin: name ? `https://${name}:${port}` : `http://127.0.0.1:${port}`,
    close() {
      pipes.forEach((end) => end.destroy());
      server.closeAllConnections();
      server.close();
    },
  });
}
