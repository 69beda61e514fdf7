import type { Client } from "../client.js";
import type { MountOptions } from "../cr3dentials_embed.js";
import type { Texts } from "../locale.js";
import type { SessionStore } from "../storage.js";
import type { EventName, Mode, Theme } from "../types.js";

/** The parameters of plain mode. It uses the host's functions, so that nothing is loaded twice. */
export interface PlainHost {
  /** An existing iframe is adopted and never loaded again. */
  readonly shell: PlainShell;
  readonly client: Client;
  readonly options: MountOptions & Texts;
  readonly listener: (name: EventName, detail: object) => void;
  /** The last event of each name for the current session, also of another view. */
  readonly history: ReadonlyMap<EventName, { readonly sessionId?: string }>;
  readonly store: Pick<SessionStore, "load" | "save" | "forget">;
  readonly isFrameUrl: (url: unknown) => url is string;
}

/** The parts of the shell that plain mode uses. */
export interface PlainShell {
  readonly view: HTMLElement;
  readonly iframe: HTMLIFrameElement | null;
  show(): void;
  setMode(mode: Mode): void;
  hide(): void;
  setTheme(theme: Theme): void;
  setLanguage(lang: string, name?: string, close?: string, done?: string): void;
  setEnd(reason: string): void;
  showMessage(title: string, line: string): void;
  insertFrame(url: string, title: string): HTMLIFrameElement;
  dropFrame(): void;
}
