import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createElement } from "react";
import { Cr3dentialsVerify } from "../src/react.js";
import { closeChannels } from "./channels.js";

closeChannels();

test("a server renders the empty tag for any options, without warnings", async () => {
  const { renderToString } = await import("react-dom/server.browser");
  const complaints = mock.method(console, "error", () => undefined);
  const options = { proxyUrl: "/api/verification", platformId: 1, lang: "de", headers: { "X-Partner": "1" } };
  const html = renderToString(createElement(Cr3dentialsVerify, { ...options, onEnd: () => undefined }));
  assert.match(html, /^<cr3dentials-verify( data-reactroot="")?><\/cr3dentials-verify>$/);
  const place = { id: "verify", className: "wide", style: { color: "red" } };
  const styled = renderToString(createElement(Cr3dentialsVerify, { ...options, ...place }));
  assert.match(styled, /^<cr3dentials-verify id="verify" class="wide" style="color:red"/);
  assert.deepEqual(
    complaints.mock.calls.map((call) => call.arguments),
    [],
  );
  assert.equal(globalThis.customElements, undefined);
});
