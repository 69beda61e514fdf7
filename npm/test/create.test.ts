import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { createSession, readCreated } from "../src/create.js";

const DATA = { sessionId: "s", embedUrl: "https://frame.example/verify/s?token=t", clientToken: "v1.a.b" };

let server: Server;
let proxyUrl: string;
let respond: (request: IncomingMessage, response: ServerResponse) => void;

before(async () => {
  server = createServer((request, response) => respond(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  proxyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/verification`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function create(signal = new AbortController().signal) {
  const headers = { "X-Partner": "1", "Content-Type": "text/plain" };
  return createSession({ proxyUrl, platformId: 7, key: "k1", credentials: "omit", headers, signal });
}

test("a create sends the contract's headers and the partner's own headers", async () => {
  let seen: Record<string, unknown> = {};
  respond = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen = { method: request.method, url: request.url, body, headers: request.headers };
    response.writeHead(201, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ status: "success", data: DATA }));
  };
  assert.deepEqual(await create(), DATA);
  assert.equal(`${seen.method} ${seen.url}`, "POST /api/verification/sessions");
  assert.equal(seen.body, '{"platformId":7}');
  const headers = seen.headers as Record<string, string>;
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["cr3d-contract"], "1");
  assert.equal(headers["idempotency-key"], "k1");
  assert.equal(headers["x-partner"], "1");
});

test("a refusal, an invalid body and a broken connection give no session and do not throw", async () => {
  const bad: (typeof respond)[] = [
    (_, response) => response.writeHead(429).end('{"status":"error","error":{"code":"rate-limited","message":"m"}}'),
    (_, response) => response.writeHead(200).end("<!doctype html>"),
    (_, response) => response.writeHead(201).end('{"status":"success"}'),
    (request) => request.socket.destroy(),
  ];
  for (const one of bad) {
    respond = one;
    assert.equal(await create(), undefined);
  }
});

test("an aborted create gives no session", async () => {
  const abort = new AbortController();
  respond = () => abort.abort();
  assert.equal(await create(abort.signal), undefined);
});

test("a session needs a URL that is safe to put into an iframe", () => {
  assert.deepEqual(readCreated({ data: DATA }), DATA);
  for (const embedUrl of [
    "javascript:alert(1)",
    "data:text/html,x",
    "blob:https://a.example/1",
    "/verify",
    "",
    7,
    null,
  ]) {
    assert.equal(readCreated({ data: { ...DATA, embedUrl } }), undefined, String(embedUrl));
  }
  for (const nonsense of [undefined, null, 7, "text", {}, { data: null }, { data: { ...DATA, clientToken: "" } }]) {
    assert.equal(readCreated(nonsense), undefined);
  }
});

test("a conflict reports that the key is spent", async () => {
  respond = (_, response) => void response.writeHead(409, { "Content-Type": "application/json" }).end("{}");
  let spent = 0;
  const { signal } = new AbortController();
  const call = { proxyUrl, platformId: 7, key: "k1", credentials: undefined, headers: undefined, signal };
  assert.equal(await createSession({ ...call, onKeySpent: () => (spent += 1) }), undefined);
  assert.equal(spent, 1);
});
