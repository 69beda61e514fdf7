// Readers for the proxy's responses: null means absent, unknown fields are ignored, numbers are clamped.
import { readCreated } from "../create.js";
import type { Created } from "../types.js";
import type { Platform, SessionView } from "./protocol.js";

/** Maximum length of a text field, in characters; longer ones count as absent. */
const LONGEST = 8_192;

/** A platform the user can choose. */
export interface Choice {
  readonly id: number;
  readonly displayName: string;
  readonly isActive: boolean;
}

/** Returns the view, or `undefined` if a required field is missing. */
export function readView(data: unknown): SessionView | undefined {
  const view = fields(data);
  const [sessionId, status] = [text(view, "sessionId"), text(view, "status")];
  if (!sessionId || !status) return undefined;
  return {
    sessionId,
    status,
    progress: Math.round(Math.min(number(view, "progress") ?? 0, 100)),
    platformId: whole(view, "platformId"),
    platform: readPlatform(view.platform),
    expiresAt: text(view, "expiresAt"),
    errorCode: text(view, "errorCode")?.slice(0, 100) ?? null,
    hasAttestation: view.hasAttestation === true,
    rev: whole(view, "rev") ?? 0,
    serverTime: text(view, "serverTime"),
  };
}

export function readCreation(data: unknown): Created | undefined {
  const created = readCreated({ data });
  const view = fields(data);
  const embedUrl = readFrameUrl(data)?.embedUrl;
  if (!created || !embedUrl) return undefined;
  const { sessionId, clientToken } = created;
  return {
    sessionId,
    clientToken,
    embedUrl,
    status: text(view, "status") || "CREATED",
    platformId: whole(view, "platformId"),
    expiresAt: text(view, "expiresAt"),
    createdAt: text(view, "createdAt"),
    serverTime: text(view, "serverTime"),
  };
}

/** Reads an embed URL: HTTPS, or HTTP on loopback. Any other URL must never reach an iframe. */
export function readFrameUrl(data: unknown): { embedUrl: string } | undefined {
  const embedUrl = text(fields(data), "embedUrl");
  if (!embedUrl) return undefined;
  try {
    const { protocol, hostname } = new URL(embedUrl);
    const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
    return protocol === "https:" || (protocol === "http:" && loopback) ? { embedUrl } : undefined;
  } catch {
    return undefined;
  }
}

export function readChoices(data: unknown): Choice[] | undefined {
  if (!Array.isArray(data)) return undefined;
  return data.slice(0, 500).flatMap((item) => {
    const platform = fields(item);
    const [id, displayName] = [whole(platform, "id"), text(platform, "displayName")];
    return id === null || !displayName ? [] : [{ id, displayName, isActive: platform.isActive === true }];
  });
}

function readPlatform(value: unknown): Platform | null {
  if (typeof value !== "object" || value === null) return null;
  const platform = fields(value);
  return {
    id: whole(platform, "id") ?? 0,
    name: text(platform, "name") ?? "",
    displayName: text(platform, "displayName") ?? "",
    icon: text(platform, "icon"),
  };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(object: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = object[name];
  return typeof value === "string" && value.length <= LONGEST ? value : null;
}

/** Reads a number; negative ones become 0. */
function number(object: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = object[name];
  return typeof value === "number" && !Number.isNaN(value) ? Math.max(value, 0) : null;
}

function whole(object: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = number(object, name);
  return value === null ? null : Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER);
}
