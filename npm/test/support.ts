/** Installs a sessionStorage in memory. */
export function memoryStorage(): Map<string, string> {
  const items = new Map<string, string>();
  setGlobal("sessionStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  });
  return items;
}

/** Replaces a global of the browser. */
export function setGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Replaces a global of the browser with a getter that throws. */
export function forbidGlobal(name: string): void {
  const get = () => {
    throw new DOMException("forbidden by the user's settings", "SecurityError");
  };
  Object.defineProperty(globalThis, name, { get, configurable: true });
}
