import { createRef, type ReactElement } from "react";

import { Cr3dentialsVerify, type Cr3dentialsVerifyElement, type EndDetail, type ErrorDetail } from "../../src/react.js";
import { same } from "./same.js";

const ref = createRef<Cr3dentialsVerifyElement>();

export const component: ReactElement[] = [
  <Cr3dentialsVerify proxyUrl="/api/verification" />,
  <Cr3dentialsVerify
    ref={ref}
    key="a"
    proxyUrl="/api/verification"
    platformId={undefined}
    mode="modal"
    headers={{ "X-Partner": "1" }}
    id="verify"
    className="wide"
    style={{ color: "red" }}
    onEnd={(detail, event) => {
      same<typeof detail, EndDetail>();
      same<typeof event, CustomEvent<EndDetail>>();
    }}
    onError={({ code }) => same<typeof code, ErrorDetail["code"]>()}
  />,
  // @ts-expect-error a platform is a number
  <Cr3dentialsVerify platformId="1" />,
  // @ts-expect-error unknown mode
  <Cr3dentialsVerify mode="popup" />,
  // @ts-expect-error unknown event
  <Cr3dentialsVerify onDone={() => undefined} />,
  // @ts-expect-error children are not allowed
  <Cr3dentialsVerify>text</Cr3dentialsVerify>,
];

export const ended: Promise<EndDetail> | undefined = ref.current?.ended;

export const tag: ReactElement[] = [
  <cr3dentials-verify proxy-url="/api/verification" platform-id="1" start-screen="" class="wide" lang="de" id="a" />,
  <cr3dentials-verify platform-id={1} debug={true} mode="inline" style={{ color: "red" }} />,
  // @ts-expect-error a platform is a number
  <cr3dentials-verify platform-id="uber" />,
  // @ts-expect-error unknown theme
  <cr3dentials-verify theme="purple" />,
  // The standard elements are still known.
  <div className="a" />,
  // @ts-expect-error an unknown element is still an error
  <cr3dentials-other />,
];
