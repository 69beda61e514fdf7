"use client";

import type {
  CSSProperties,
  DetailedHTMLProps,
  ForwardRefExoticComponent,
  HTMLAttributes,
  RefAttributes,
  RefObject,
} from "react";
import React from "react";

import { define } from "./index.js";
import { PROPERTIES } from "./options.js";
import type { TagAttributes, TagListener, TagProperties } from "./tag.js";
import type { DetailByName, EventName } from "./types.js";
import type { Cr3dentialsVerify as Cr3dentialsVerifyElement } from "./verify-element.js";

// The default export: Node sees no other export of React 16.
const { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } = React;

export type * from "./types.js";
export type { Cr3dentialsVerifyElement };

/** One prop for each event, called with the event's detail and the event itself. The latest handler is used. */
export type Cr3dentialsVerifyHandlers = {
  [Name in EventName as `on${Capitalize<Name>}`]?:
    | ((detail: DetailByName[Name], event: CustomEvent<DetailByName[Name]>) => void)
    | undefined;
};

/**
 * The element's options as props. `MutableOptions` lists those that may change later; to change any other, give the
 * component another `key`. Attributes that begin with `aria-` or `data-` are passed on.
 */
export interface Cr3dentialsVerifyProps extends TagProperties, Cr3dentialsVerifyHandlers {
  className?: string | undefined;
  style?: CSSProperties | undefined;
  id?: string | undefined;
  hidden?: boolean | undefined;
  slot?: string | undefined;
}

/**
 * `<cr3dentials-verify>` for React 16.8 and later. A ref to it is the element, with all its methods.
 *
 * A server renders the empty tag. In the browser every option is set as a property once the element is in the page,
 * before it starts, so the two cannot differ.
 */
export const Cr3dentialsVerify: ForwardRefExoticComponent<
  Cr3dentialsVerifyProps & RefAttributes<Cr3dentialsVerifyElement>
> = forwardRef<Cr3dentialsVerifyElement, Cr3dentialsVerifyProps>(function Cr3dentialsVerify(props, forwarded) {
  const element = useRef<Cr3dentialsVerifyElement>(null);
  const last = useRef<Cr3dentialsVerifyProps>({});
  const listener = useRef<EventRelay | undefined>(undefined);

  useImperativeHandle(forwarded, () => element.current as Cr3dentialsVerifyElement, []);
  useBrowserEffect(() => {
    define();
    // Not during rendering, since React may discard a render.
    const before = last.current;
    last.current = props;
    if (element.current) setOptions(element.current, before, props);
  });
  useBrowserEffect(() => {
    listener.current ??= new EventRelay(element.current, last);
    listener.current.resume();
  }, []);
  // Not in a layout effect: React runs that cleanup when a Suspense boundary hides the element, while the session
  // continues and may end.
  useEffect(() => () => listener.current?.pause(), []);

  const { id, className, style, hidden, slot } = props;
  const named = Object.entries(props).filter(([name]) => /^(aria|data)-/.test(name));
  return createElement("cr3dentials-verify", {
    ...Object.fromEntries(named),
    ref: element,
    ...(hidden && { hidden: true }),
    ...(slot !== undefined && { slot }),
    ...(id !== undefined && { id }),
    // React before version 19 supports only this name on a custom element.
    ...(className !== undefined && { class: className }),
    ...(style !== undefined && { style }),
  });
});

/** A layout effect runs before the element starts. Servers have none, and older versions warn about it. */
const useBrowserEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

const HANDLERS = {
  ready: "onReady",
  status: "onStatus",
  progress: "onProgress",
  action: "onAction",
  expiring: "onExpiring",
  complete: "onComplete",
  partial: "onPartial",
  end: "onEnd",
  error: "onError",
} as const satisfies Record<EventName, keyof Cr3dentialsVerifyHandlers>;

/**
 * Calls the latest handler for each event. While the component's effects are unmounted, as in a hidden `<Activity>`, the
 * session continues: the last event of each name waits, and is delivered when they are mounted again.
 */
class EventRelay {
  readonly #waiting = new Map<string, () => void>();
  #paused = true;

  constructor(element: Element | null, last: RefObject<Cr3dentialsVerifyHandlers>) {
    for (const [name, prop] of Object.entries(HANDLERS)) {
      element?.addEventListener(`cr3d-${name}`, (event) => {
        // React may unmount the effects some time after the element has left the page.
        if (!element.isConnected) return;
        const call = () => {
          const handler = last.current?.[prop] as ((detail: unknown, event: Event) => void) | undefined;
          handler?.((event as CustomEvent).detail, event);
        };
        if (!this.#paused) return call();
        // In the order of the last events.
        this.#waiting.delete(name);
        this.#waiting.set(name, call);
      });
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const calls = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of calls) call();
  }
}

/** Sets the options that changed since the last render. Values set through a ref stay. */
function setOptions(element: Element, before: Cr3dentialsVerifyProps, after: Cr3dentialsVerifyProps): void {
  for (const option of PROPERTIES) {
    if (!same(before[option], after[option])) Reflect.set(element, option, after[option]);
  }
  // Every element has this property, and assigning `undefined` to it would turn into text.
  if (before.lang !== after.lang) setAttribute(element, "lang", after.lang);
  // React 19 turns a removed id into the text "undefined" on custom elements.
  if (before.id !== undefined && after.id === undefined) setAttribute(element, "id", undefined);
}

/** Compares by value, and plain objects by their entries: `headers={{ … }}` is a new object at each render. */
function same(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  if (!isPlain(before) || !isPlain(after)) return false;
  const [left, right] = [Object.entries(before), new Map<string, unknown>(Object.entries(after))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && Object.is(value, right.get(key)));
}

/** Other objects, such as `Headers`, do not show their content as entries. */
function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined || value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Support for custom elements added in React 19: properties and events. Older versions set attributes only. */
type Since19 = typeof import("react") extends { use: unknown }
  ? TagProperties & { [Name in EventName as `oncr3d-${Name}`]?: TagListener<Name> | undefined }
  : unknown;

/** The raw tag in JSX. */
export type Cr3dentialsVerifyTag = Omit<
  DetailedHTMLProps<HTMLAttributes<Cr3dentialsVerifyElement>, Cr3dentialsVerifyElement>,
  "lang"
> &
  TagAttributes & { class?: string | undefined } & Since19;

interface Tags {
  "cr3dentials-verify": Cr3dentialsVerifyTag;
}

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends Tags {}
  }
}

// React 16's types look here when JSX is compiled with the automatic runtime.
declare global {
  namespace JSX {
    interface IntrinsicElements extends Tags {}
  }
}
