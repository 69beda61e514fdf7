import type { ReactNode } from "react";
import { act } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";

import { setGlobal } from "./support.js";

setGlobal("IS_REACT_ACT_ENVIRONMENT", true);

/** A container that React renders into. When a call returns, every effect has run. */
export interface Place {
  render(node: ReactNode): Promise<void>;
  unmount(): Promise<void>;
}

/** Creates a root in an empty container, or in one with server-rendered `node`. */
export async function place(container: Element, node?: ReactNode): Promise<Place> {
  const root = await done(() => (node === undefined ? createRoot(container) : hydrateRoot(container, node)));
  return { render: (next) => done(() => root.render(next)), unmount: () => done(() => root.unmount()) };
}

/** Creates a root that renders at React's own pace, as in a page. Returns the function that renders. */
export function unhurried(container: Element): (node: ReactNode) => void {
  setGlobal("IS_REACT_ACT_ENVIRONMENT", false);
  const root = createRoot(container);
  return (node) => root.render(node);
}

/** Runs `work` and everything it triggers in React. */
export async function done<T>(work: () => T): Promise<T> {
  let result: T | undefined;
  await act(async () => {
    result = await work();
  });
  return result as T;
}
