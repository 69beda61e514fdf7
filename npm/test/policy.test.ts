import assert from "node:assert/strict";
import { test } from "node:test";
import { refusesFrame } from "../../src/browser/shell/policy.js";
import violations from "../../tests/fixtures/policy-violations.json" with { type: "json" };

for (const { story, refused, ...violation } of violations) {
  test(`${story} ${refused ? "is" : "is not"} a refusal of the frame`, () => {
    const event = violation as Pick<SecurityPolicyViolationEvent, "blockedURI" | "disposition" | "effectiveDirective">;
    assert.equal(refusesFrame(event, "https://frame.example"), refused);
  });
}
