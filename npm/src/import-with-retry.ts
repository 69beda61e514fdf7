/**
 * Imports a module, and retries once with a different URL. The HTML standard used to make browsers cache a failed
 * module by its URL for the lifetime of the page, and some still do. The URL is taken from the error, since a bundler
 * may have chosen it.
 */
export async function importWithRetry<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [, address] = /^TypeError.* (https?:\S+)/.exec(String(error)) ?? [];
    if (!address) throw error;
    // Only the fragment differs, which is never sent to a server. The build adds the comments that make bundlers skip
    // this import.
    return import(`${address}#${Date.now()}`);
  }
}
