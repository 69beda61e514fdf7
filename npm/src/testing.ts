import { fakeClass, type FakeVerify } from "./testing-fake.js";
import type { Script } from "./testing-rules.js";

export type { Call, FakeVerify } from "./testing-fake.js";
export type { Script, ScriptEvent } from "./testing-rules.js";
export { cancelled, completed, expired, failed, partial, terminated, type ScriptOptions } from "./testing-scripts.js";
export type * from "./types.js";

const TAG = "cr3dentials-verify";

/**
 * Defines `<cr3dentials-verify>` as a fake, before anything defines the real one: it looks the same to a page, needs
 * neither WebAssembly nor a backend, and says what a test lets it say. Doing it twice does nothing.
 *
 * @throws where there is no page, and when the real element is defined already
 */
export function defineFake(): void {
  const registry = globalThis.customElements;
  if (!registry) throw new Error("defineFake() needs a page: set up jsdom, or call it in a browser");
  const there = registry.get(TAG);
  if (!there) registry.define(TAG, fakeClass(globalThis.HTMLElement));
  else if (!("play" in there.prototype)) {
    throw new Error(`<${TAG}> is defined already: call defineFake() before the real one is defined`);
  }
}

/**
 * Lets a fake say all of `script`, each event after everything that the one before it has set off. Resolves when that
 * is done, and early when the page stops the element meanwhile, which then says nothing more.
 *
 * @throws (rejects) when the element has not started, or would never say this, and then nothing of it is said
 */
export function play(element: Element | null, script: Script): Promise<void> {
  return fakeOf(element).play(script);
}

/** The same element with its fake's own methods. */
export function fakeOf(element: Element | null): FakeVerify {
  if (element && "play" in element) return element as FakeVerify;
  throw new Error(`this is no fake <${TAG}>: call defineFake() before the page is made`);
}
