// Replaces the module that wasm-bindgen generates for the built package.

/** The arguments of each call that initialized the module. */
export const started: unknown[] = [];

/** A mounted view: its arguments and the calls it received. */
export interface Mounted {
  readonly options: Record<string, unknown>;
  readonly listener: (name: string, detail?: object) => void;
  readonly calls: unknown[][];
}

/** All views in the order in which they were mounted. */
export const mounted: Mounted[] = [];

/** The errors to throw from the methods of a view, by method name. */
export const failing: Record<string, unknown> = {};

/** A callback that runs when a view starts, for example to emit its first events. */
export const script: { start?: ((view: Mounted) => void) | undefined } = {};

export function mount(_: Element, options: Record<string, unknown>, listener: Mounted["listener"]): object {
  if ("mount" in failing) throw failing.mount;
  const calls: unknown[][] = [];
  const view: Mounted = { options, listener, calls };
  mounted.push(view);
  const methods = "start open hide close refresh remount startAgain frameLost update destroy free state".split(" ");
  const method =
    (name: string) =>
    (...values: unknown[]) => {
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
