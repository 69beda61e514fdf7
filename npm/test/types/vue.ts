import type { GlobalComponents } from "vue";

import type { EndDetail } from "../../src/types.js";
import type { Cr3dentialsVerify } from "../../src/verify-element.js";
import { type Cr3dentialsVerifyTag, isVerifyTag } from "../../src/vue.js";
import { same } from "./same.js";

same<GlobalComponents["cr3dentials-verify"], Cr3dentialsVerifyTag>();
export const check: (tag: string) => boolean = isVerifyTag;

type Props = InstanceType<Cr3dentialsVerifyTag>["$props"];
export const props: Props[] = [
  { proxyUrl: "/api/verification", platformId: "1", key: 1, class: "wide" },
  { platformId: 1, headers: { "X-Partner": "1" }, onCr3dEnd: (event) => same<typeof event, CustomEvent<EndDetail>>() },
  // @ts-expect-error a platform is a number
  { platformId: "uber" },
  // @ts-expect-error unknown mode
  { mode: "popup" },
  // @ts-expect-error unknown event
  { onCr3dDone: () => undefined },
];

// A template ref is the element.
export const element = (tag: InstanceType<Cr3dentialsVerifyTag>): Cr3dentialsVerify => tag;
