import type { DetailByName, EventName, Mode, Theme, VerifyOptions } from "./types.js";

/** The tag's attributes, as a template may write them: `platform-id={1}` as well as `platform-id="1"`. */
export interface TagAttributes {
  "proxy-url"?: string | undefined;
  "platform-id"?: Written<number> | undefined;
  "session-id"?: string | undefined;
  "client-token"?: string | undefined;
  mode?: Mode | undefined;
  theme?: Theme | undefined;
  lang?: string | undefined;
  "resume-key"?: string | undefined;
  "partner-name"?: string | undefined;
  "frame-title"?: string | undefined;
  "start-screen"?: Written<boolean> | undefined;
  "privacy-url"?: string | undefined;
  "support-url"?: string | undefined;
  "frame-color-scheme"?: Theme | undefined;
  "auto-resize"?: Written<boolean> | undefined;
  "page-title"?: Written<boolean> | undefined;
  debug?: Written<boolean> | undefined;
}

/** The element's properties. `undefined` gives way to the attribute again. */
export type TagProperties = { [Option in keyof VerifyOptions]?: VerifyOptions[Option] | undefined };

/** What listens to one of the element's events. */
export type TagListener<Name extends EventName> = (event: CustomEvent<DetailByName[Name]>) => void;

/** An attribute is text in the end. */
export type Written<T> = T extends number ? T | `${number}` : T extends boolean ? T | "" | "true" | "false" : T;
