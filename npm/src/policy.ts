/** The fields of a policy violation event that are used here. */
type Violation = Pick<SecurityPolicyViolationEvent, "blockedURI" | "disposition" | "effectiveDirective">;

/**
 * Returns true if the page's policy refused a frame of exactly this origin, which is the only refusal a page can
 * detect. `src/browser/frame.rs` has the same rule; `tests/fixtures/policy-violations.json` tests both.
 */
export function refusesFrame(violation: Violation, origin: string): boolean {
  // A report-only policy refuses nothing.
  return violation.disposition === "enforce" && concernsFrame(violation, origin);
}

/** Returns true if a policy, enforced or report-only, does not allow a frame of this origin. */
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
