/**
 * Imports, and under another address when that fails: Chromium remembers a module that failed, by its address, for as
 * long as the page lives. Its error says which that is, and a bundler may have chosen it.
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
