/** Returns true for text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
