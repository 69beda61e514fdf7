/**
 * Returns true if the page's policy refused a frame of exactly this origin, which is the only refusal a page can detect.
 *
 * @param {Violation} violation
 * @param {string} origin
 */
export function refusesFrame(violation, origin) {
  // A report-only policy refuses nothing.
  return violation.disposition === "enforce" && concernsFrame(violation, origin);
}

/**
 * Returns true if a policy, enforced or report-only, does not allow a frame of this origin.
 *
 * @param {Violation} violation
 * @param {string} origin
 */
export function concernsFrame({ blockedURI, effectiveDirective }, origin) {
  // The address may be the origin alone, or a keyword such as `inline`. With a slash, no longer origin begins alike.
  return /^(frame|child|default)-src$/.test(effectiveDirective) && `${blockedURI}/`.startsWith(`${origin}/`);
}

/** @typedef {Pick<SecurityPolicyViolationEvent, "blockedURI" | "disposition" | "effectiveDirective">} Violation */
