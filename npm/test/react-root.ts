import { act } from "react";
import type { ReactNode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";

import { setGlobal } from "./support.js";

setGlobal("IS_REACT_ACT_ENVIRONMENT", true);

/** A place that React renders into, with every effect done when a call returns. */
export interface Place {
  render(node: ReactNode): Promise<void>;
  unmount(): Promise<void>;
}

/** An empty place, or one that a server has rendered `node` into. */
export async function place(container: Element, node?: ReactNode): Promise<Place> {
  const root = await done(() => (node === undefined ? createRoot(container) : hydrateRoot(container, node)));
  return { render: (next) => done(() => root.render(next)), unmount: () => done(() => root.unmount()) };
}

/** An empty place that React renders into at its own pace, as in a page. Answers what renders. */
export function unhurried(container: Element): (node: ReactNode) => void {
  setGlobal("IS_REACT_ACT_ENVIRONMENT", false);
  const root = createRoot(container);
  return (node) => root.render(node);
}

/** Everything that `work` sets off in React. */
export async function done<T>(work: () => T): Promise<T> {
  let answer: T | undefined;
  await act(async () => {
    answer = await work();
  });
  return answer as T;
}
