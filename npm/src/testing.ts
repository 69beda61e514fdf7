import { type FakeVerify, fakeClass } from "./testing/fake.js";
import type { Script } from "./testing/rules.js";

export type { Call, FakeVerify } from "./testing/fake.js";
export type { Script, ScriptEvent } from "./testing/rules.js";
export { cancelled, completed, expired, failed, partial, type ScriptOptions, terminated } from "./testing/scripts.js";
export type * from "./types.js";

const TAG = "cr3dentials-verify";

/**
 * Defines `<cr3dentials-verify>` as a fake that needs neither WebAssembly nor a backend and emits the events a test
 * plays. Call it before the real element is defined. Calling it twice does nothing.
 *
 * @throws if there is no page, or the real element is already defined
 */
export function defineFake(): void {
  const registry = globalThis.customElements;
  if (!registry) throw new Error("defineFake() needs a page: set up jsdom, or call it in a browser");
  const there = registry.get(TAG);
  if (!there) registry.define(TAG, fakeClass(globalThis.HTMLElement));
  else if (!("play" in there.prototype)) {
    throw new Error(`<${TAG}> is already defined: call defineFake() before the real element is defined`);
  }
}

/**
 * Makes a fake emit all events of `script`, each one after everything that the previous one triggered. Resolves when
 * that is done, or early if the page stops the element meanwhile, which emits nothing more then.
 *
 * @throws (rejects) if the element has not started, or if the script is not possible; then no event is emitted
 */
export function play(element: Element | null, script: Script): Promise<void> {
  return fakeOf(element).play(script);
}

/** Returns the element with the fake's own methods in its type. */
export function fakeOf(element: Element | null): FakeVerify {
  if (element && "play" in element) return element as FakeVerify;
  throw new Error(`not a fake <${TAG}>: call defineFake() before the page is created`);
}
