/** The parts of a policy violation that matter here. */
type Violation = Pick<SecurityPolicyViolationEvent, "blockedURI" | "disposition" | "effectiveDirective">;

/**
 * Returns whether the page's own policy has refused a frame of exactly this origin: the only refusal that can be seen
 * from outside. `src/browser/frame.rs` has the same rule; `tests/fixtures/policy-violations.json` holds both to it.
 */
export function refusesFrame(violation: Violation, origin: string): boolean {
  // A policy that only reports refuses nothing.
  return violation.disposition === "enforce" && concernsFrame(violation, origin);
}

/** Returns whether a policy, enforced or not, does not allow a frame of this origin. */
export function concernsFrame({ blockedURI, effectiveDirective }: Violation, origin: string): boolean {
  return /^(frame|child|default)-src$/.test(effectiveDirective) && originOf(blockedURI) === origin;
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin;
  } catch {
    // A keyword, such as `inline`.
    return undefined;
  }
}
