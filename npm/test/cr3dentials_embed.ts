// Stands where the built package has wasm-bindgen's module.

/** What the module was started with, once for each start. */
export const started: unknown[] = [];

export function mount(): never {
  throw new Error("nothing is mounted in these tests");
}

export default async function init(options: { module_or_path: unknown }): Promise<void> {
  started.push(options.module_or_path);
}
