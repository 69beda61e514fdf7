/** Resolves after `ms`, or when `signal` aborts. Leaves no timer behind. */
export function sleep(ms: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/** Settles as `promise` does, but rejects after `ms` or when `signal` aborts. Leaves no timer behind. */
export function within<T>(promise: PromiseLike<T>, ms: number, signal: AbortSignal): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${ms / 1000} s`)), ms);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
}
