import type { HTMLAttributes, PublicProps } from "vue";

import type { TagListener, Written } from "./tag.js";
import type { EventName, VerifyOptions } from "./types.js";
import type { Cr3dentialsVerify } from "./verify-element.js";

/**
 * Returns true for the element's tag. For `compilerOptions.isCustomElement`, so that Vue does not look for a component.
 */
export function isVerifyTag(tag: string): boolean {
  return tag === "cr3dentials-verify";
}

/** The options, as attributes (`platform-id="1"`) or bound (`:platform-id="1"`, `:headers="headers"`). */
export type Cr3dentialsVerifyProps = { [Option in keyof VerifyOptions]?: Written<VerifyOptions[Option]> | undefined };

/** The events, as `@cr3d-complete="…"` in a template. */
export type Cr3dentialsVerifyListeners = {
  [Name in EventName as `onCr3d${Capitalize<Name>}`]?: TagListener<Name> | undefined;
};

/** The tag as Vue's templates see it. A template ref to it is the element itself. */
export type Cr3dentialsVerifyTag = new () => Cr3dentialsVerify & {
  $props: Omit<HTMLAttributes, "lang"> & PublicProps & Cr3dentialsVerifyProps & Cr3dentialsVerifyListeners;
};

declare module "vue" {
  interface GlobalComponents {
    "cr3dentials-verify": Cr3dentialsVerifyTag;
  }
}
