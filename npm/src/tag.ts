import type { DetailByName, EventName, Mode, Theme, VerifyOptions } from "./types.js";

/** The tag's attributes as templates write them: `platform-id={1}` as well as `platform-id="1"`. */
export interface TagAttributes {
  "proxy-url"?: string | undefined;
  "platform-id"?: Written<number> | undefined;
  "session-id"?: string | undefined;
  "client-token"?: string | undefined;
  credentials?: RequestCredentials | undefined;
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
  "back-button"?: Written<boolean> | undefined;
  debug?: Written<boolean> | undefined;
}

/** The element's properties. Setting one to `undefined` restores the attribute's value. */
export type TagProperties = { [Option in keyof VerifyOptions]?: VerifyOptions[Option] | undefined };

/** A listener for one of the element's events. */
export type TagListener<Name extends EventName> = (event: CustomEvent<DetailByName[Name]>) => void;

/** An option's type as an attribute: its value or the text for it. */
export type Written<T> = T extends number ? T | `${number}` : T extends boolean ? T | "" | "true" | "false" : T;
