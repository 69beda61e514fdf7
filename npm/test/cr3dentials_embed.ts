// Stands where the built package has wasm-bindgen's module.

/** What the module was started with, once for each start. */
export const started: unknown[] = [];

/** What a view was drawn with, and what was called of it. */
export interface Mounted {
  readonly options: Record<string, unknown>;
  readonly listener: (name: string, detail?: object) => void;
  readonly calls: unknown[][];
}

/** Every view, in the order of their starts. */
export const mounted: Mounted[] = [];

/** What a view does when it is called: nothing, or throw what this has for the method's name. */
export const failing: Record<string, unknown> = {};

/** Runs while a view starts, for example to emit its first events; by default nothing. */
export const script: { start?: ((view: Mounted) => void) | undefined } = {};

export function mount(_: Element, options: Record<string, unknown>, listener: Mounted["listener"]): object {
  if ("mount" in failing) throw failing["mount"];
  const calls: unknown[][] = [];
  const view: Mounted = { options, listener, calls };
  mounted.push(view);
  const methods = "start open hide close refresh remount startAgain frameLost update destroy free state".split(" ");
  const method = (name: string) => (...values: unknown[]) => {
    calls.push([name, ...values]);
    if (name in failing) throw failing[name];
    if (name === "start") script.start?.(view);
    return name === "state" ? { stage: "live" } : undefined;
  };
  return Object.fromEntries(methods.map((name) => [name, method(name)]));
}

export default async function init(options: { module_or_path: unknown }): Promise<void> {
  started.push(options.module_or_path);
}
