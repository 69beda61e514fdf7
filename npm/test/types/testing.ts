import { completed, defineFake, type FakeVerify, failed, fakeOf, play, type Script } from "../../src/testing.js";
import type { Cr3dentialsVerify } from "../../src/verify-element.js";
import { same } from "./same.js";

declare const element: Cr3dentialsVerify;

// The fake has the whole public interface, with the same types.
type Public = Exclude<keyof Cr3dentialsVerify, "get" | "set">;
same<Pick<FakeVerify, Public>, Pick<Cr3dentialsVerify, Public>>();
same<Exclude<keyof FakeVerify, Public>, "calls" | "play">();

defineFake();
export const played: Promise<void> = play(element, completed({ hasAttestation: false }));
export const calls: readonly string[] = fakeOf(element).calls.map((call) => call.method);
export const script: Script = [...failed("NO_ACCOUNT"), ["error", { code: "x", message: "y", retrying: true }]];
// @ts-expect-error the detail must match the event
export const wrong: Script = [["progress", { sessionId: "a", status: "READY" }]];
