"use client";

import React from "react";
import type {
  CSSProperties,
  DetailedHTMLProps,
  ForwardRefExoticComponent,
  HTMLAttributes,
  RefAttributes,
  RefObject,
} from "react";

import { define } from "./index.js";
import { PROPERTIES } from "./options.js";
import type { TagAttributes, TagListener, TagProperties } from "./tag.js";
import type { DetailByName, EventName } from "./types.js";
import type { Cr3dentialsVerify as Cr3dentialsVerifyElement } from "./verify-element.js";

// By its default: Node finds no other export in version 16.
const { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } = React;

export type { Cr3dentialsVerifyElement };
export type * from "./types.js";

/** A prop for each event: it gets the event's detail, and the event itself. The last one given is the one called. */
export type Cr3dentialsVerifyHandlers = {
  [Name in EventName as `on${Capitalize<Name>}`]?:
    | ((detail: DetailByName[Name], event: CustomEvent<DetailByName[Name]>) => void)
    | undefined;
};

/**
 * The element's options as props. Which of them may change later is said by `MutableOptions`; for other values of the
 * rest, give the component another `key`. Attributes that begin with `aria-` or `data-` are passed on.
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
 * A server renders the empty tag. In the browser every option is set as a property when the element is in the page and
 * before it starts, so there is nothing that could differ between the two.
 */
export const Cr3dentialsVerify: ForwardRefExoticComponent<
  Cr3dentialsVerifyProps & RefAttributes<Cr3dentialsVerifyElement>
> = forwardRef<Cr3dentialsVerifyElement, Cr3dentialsVerifyProps>(function Cr3dentialsVerify(props, forwarded) {
  const element = useRef<Cr3dentialsVerifyElement>(null);
  const last = useRef<Cr3dentialsVerifyProps>({});
  const stop = useRef<(() => void) | undefined>(undefined);

  useImperativeHandle(forwarded, () => element.current as Cr3dentialsVerifyElement, []);
  useBrowserEffect(() => {
    define();
    stop.current ??= listen(element.current, last);
  }, []);
  useBrowserEffect(() => {
    // Not while rendering: a rendering may be thrown away.
    const before = last.current;
    last.current = props;
    if (element.current) setOptions(element.current, before, props);
  });
  // Not in the first effect: React undoes that one while a Suspense boundary hides the element, and a session goes on
  // then, and may end.
  useEffect(
    () => () => {
      stop.current?.();
      stop.current = undefined;
    },
    [],
  );

  const { id, className, style, hidden, slot } = props;
  const named = Object.entries(props).filter(([name]) => /^(aria|data)-/.test(name));
  return createElement("cr3dentials-verify", {
    ...Object.fromEntries(named),
    ref: element,
    ...(hidden && { hidden: true }),
    ...(slot !== undefined && { slot }),
    ...(id !== undefined && { id }),
    // Before version 19 React knows only this name on a custom element.
    ...(className !== undefined && { class: className }),
    ...(style !== undefined && { style }),
  });
});

/** A layout effect comes before the element starts; a server has none and older versions warn about it. */
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

/** Adds one listener for each event, which finds the handler of the last rendering. Answers what takes them off. */
function listen(element: Element | null, last: RefObject<Cr3dentialsVerifyHandlers>): () => void {
  const stops = Object.entries(HANDLERS).map(([name, prop]) => {
    const heard = (event: Event): void => {
      // React may take the listeners off some time after the element has left the page.
      if (!element?.isConnected) return;
      const handler = last.current?.[prop] as ((detail: unknown, event: Event) => void) | undefined;
      handler?.((event as CustomEvent).detail, event);
    };
    element?.addEventListener(`cr3d-${name}`, heard);
    return () => element?.removeEventListener(`cr3d-${name}`, heard);
  });
  return () => stops.forEach((stop) => stop());
}

/** Sets what is another value than before, so that what was set through a ref stays. */
function setOptions(element: Element, before: Cr3dentialsVerifyProps, after: Cr3dentialsVerifyProps): void {
  for (const option of PROPERTIES) {
    if (!same(before[option], after[option])) Reflect.set(element, option, after[option]);
  }
  // Every element has this one, and its property would turn `undefined` into text.
  if (before.lang !== after.lang) setAttribute(element, "lang", after.lang);
  // React 19 turns an id that is gone into the text "undefined" on custom elements.
  if (before.id !== undefined && after.id === undefined) setAttribute(element, "id", undefined);
}

/** Equal values, where two objects with the same entries are: `headers={{ … }}` is a new object at each rendering. */
function same(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  if (typeof before !== "object" || typeof after !== "object" || !before || !after) return false;
  const [left, right] = [Object.entries(before), new Map<string, unknown>(Object.entries(after))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && Object.is(value, right.get(key)));
}

function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined || value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** What React 19 brought: properties of custom elements, and their events. Before, there are attributes only. */
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

// Where the types of version 16 look, when JSX is compiled the new way.
declare global {
  namespace JSX {
    interface IntrinsicElements extends Tags {}
  }
}
