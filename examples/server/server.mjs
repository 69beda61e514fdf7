// A minimal partner server: serves one example's files, forwards the element's requests to the proxy, and decides about
// the loan.
//
//   node server.mjs <folder> [headers.mjs]
//
// `headers.mjs` exports `headersFor(path)`, which returns additional headers for the example.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { forward } from "./forward.mjs";
import { isGranted } from "./grants.mjs";

const [folder = "dist", headersModule] = process.argv.slice(2);
const root = resolve(folder);
const { headersFor } = headersModule ? await import(pathToFileURL(resolve(headersModule))) : { headersFor: () => ({}) };

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  // Without a parameter: browsers compile a module while it streams only if the type is exactly this.
  ".wasm": "application/wasm",
};

const server = createServer((request, response) => {
  respond(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  });
});

async function respond(request, response) {
  const { pathname, search } = new URL(request.url, "http://localhost");
  if (pathname.startsWith("/api/verification/")) return forward(pathname + search, request, response);
  const sessionId = /^\/api\/grants\/([\w-]{1,128})$/.exec(pathname)?.[1];
  if (sessionId) return sendGrant(sessionId, response);
  // Browsers request it by themselves, and no example has one.
  if (pathname === "/favicon.ico") return void response.writeHead(204).end();
  return sendFile(pathname, request, response);
}

async function sendGrant(sessionId, response) {
  const granted = await isGranted(sessionId).catch((error) => {
    console.error(`could not read the result of ${sessionId}: ${error.cause ?? error}`);
    return undefined;
  });
  response.writeHead(granted === undefined ? 502 : 200, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
  });
  response.end(JSON.stringify({ granted: granted ?? false }));
}

async function sendFile(pathname, request, response) {
  const path = decoded(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const file = path && join(root, path);
  const found = file?.startsWith(root + sep) ? await stat(file).catch(() => undefined) : undefined;
  if (!found?.isFile()) return void response.writeHead(404).end("Not found.\n");
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Content-Length": found.size,
    "Cache-Control": "no-cache",
    ...headersFor(path),
  });
  if (request.method === "HEAD") return void response.end();
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

/** Decodes a path; `undefined` if it is invalid. */
function decoded(path) {
  try {
    const text = decodeURIComponent(path);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

// This machine only: these examples do not authenticate users.
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`Open http://localhost:${server.address().port}/`);
});
