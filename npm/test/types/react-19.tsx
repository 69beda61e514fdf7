import type { ReactElement } from "react";

import type { CompleteDetail } from "../../src/react.js";
import { same } from "./same.js";

// Version 19 added properties and events on the raw tag.
export const tag: ReactElement[] = [
  <cr3dentials-verify proxyUrl="/api/verification" platformId={1} headers={{ "X-Partner": "1" }} />,
  <cr3dentials-verify oncr3d-complete={(event) => same<typeof event, CustomEvent<CompleteDetail>>()} />,
  // @ts-expect-error text is not a valid property value
  <cr3dentials-verify platformId="1" />,
  // @ts-expect-error a listener receives the event
  <cr3dentials-verify oncr3d-complete={(detail: CompleteDetail) => detail} />,
];
