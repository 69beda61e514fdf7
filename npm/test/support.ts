/** A sessionStorage in memory, put in the place where a browser has one. */
export function memoryStorage(): Map<string, string> {
  const items = new Map<string, string>();
  setGlobal("sessionStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  });
  return items;
}

/** Puts `value` in the place of a browser's global. */
export function setGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** Puts a getter that throws in the place of a browser's global. */
export function forbidGlobal(name: string): void {
  const get = () => {
    throw new DOMException("forbidden by the user's settings", "SecurityError");
  };
  Object.defineProperty(globalThis, name, { get, configurable: true });
}
