import type { ATTRIBUTES } from "./options.js";
import type { DetailByName, EventName, VerifyOptions } from "./types.js";

/** The tag's attributes, as a template may write them: `platform-id={1}` as well as `platform-id="1"`. */
export type TagAttributes = {
  [Name in keyof typeof ATTRIBUTES]?: Written<VerifyOptions[(typeof ATTRIBUTES)[Name]]> | undefined;
};

/** The element's properties. `undefined` gives way to the attribute again. */
export type TagProperties = { [Option in keyof VerifyOptions]?: VerifyOptions[Option] | undefined };

/** What listens to one of the element's events. */
export type TagListener<Name extends EventName> = (event: CustomEvent<DetailByName[Name]>) => void;

/** An attribute is text in the end. */
export type Written<T> = T extends number ? T | `${number}` : T extends boolean ? T | "" | "true" | "false" : T;
