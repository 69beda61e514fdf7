/** Returns a parsed URL, or `undefined` if it is invalid. */
export function parseUrl(url: unknown, base?: string): URL | undefined {
  try {
    return new URL(String(url), base);
  } catch {
    return undefined;
  }
}
