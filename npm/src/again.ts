/**
 * Imports, and under another address when that fails: the HTML standard had browsers remember a module that failed, by
 * its address, for as long as the page lives, and not all of them have changed. The error says which address that is; a
 * bundler may have chosen it.
 */
export async function again<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [, address] = /^TypeError.* (https?:\S+)/.exec(String(error)) ?? [];
    if (!address) throw error;
    // Only the fragment differs, which no server sees. The build adds what keeps bundlers from looking at this one.
    return import(`${address}#${Date.now()}`);
  }
}
