import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { loadWasm, loadWithRetries, markWasmUnusable } from "../src/loader.js";
import { started } from "./cr3dentials_embed.js";

const responses: { status: number; type: string }[] = [];
let requests = 0;
let server: Server;
let url: string;

before(async () => {
  server = createServer((_, response) => {
    requests += 1;
    const { status, type } = responses.shift() ?? { status: 500, type: "text/plain" };
    response.writeHead(status, { "Content-Type": type }).end("wasm");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/module.wasm`;
});
after(() => void server.close());

// The steps share the one module of the page.
test("a failed load is reported and not cached, and a successful one is shared", async () => {
  responses.push({ status: 404, type: "text/html" });
  const twice = [loadWasm(url), loadWasm(url)];
  for (const load of twice) await assert.rejects(load, /404/);
  assert.equal(requests, 1, "two callers share one load");
  assert.equal(started.length, 0);

  responses.push({ status: 200, type: "text/plain; charset=utf-8" });
  const wasm = await loadWasm(url);
  assert.equal(typeof wasm.mount, "function");
  assert.ok(started[0] instanceof ArrayBuffer, "bytes, because the server does not declare WebAssembly");

  assert.equal(await loadWasm(url), wasm);
  assert.equal(requests, 2);
  assert.equal(started.length, 1);

  markWasmUnusable("unreachable");
  await assert.rejects(loadWasm(url), /unreachable/);
  const failures: string[] = [];
  const { signal } = new AbortController();
  assert.equal(await loadWithRetries(url, signal, (why) => failures.push(why)), undefined);
  assert.deepEqual(failures, ["RuntimeError: unreachable"], "a module that stopped is not retried");
  assert.equal(requests, 2);
});
