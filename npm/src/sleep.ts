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
export async function within<T>(promise: PromiseLike<T>, ms: number, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([
      promise,
      sleep(ms, over.signal).then(() => {
        throw new Error(`timed out after ${ms / 1000} s`);
      }),
    ]);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
