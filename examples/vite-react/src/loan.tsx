import { Cr3dentialsVerify } from "cr3dentials-embed/react";
import { useState } from "react";

export function Loan() {
  const [outcome, setOutcome] = useState("");

  // The event proves nothing, so our server requests the result from the proxy.
  async function decide(sessionId: string) {
    const response = await fetch(`/api/grants/${sessionId}`);
    const { granted } = (await response.json()) as { granted: boolean };
    setOutcome(granted ? "Granted" : "Not granted");
  }

  return (
    <>
      <h1>Your loan at Harbor</h1>
      <Cr3dentialsVerify
        proxyUrl="/api/verification"
        platformId={1}
        partnerName="Harbor"
        onComplete={(detail) => void decide(detail.sessionId)}
        onEnd={(detail) => {
          if (detail.reason !== "completed") setOutcome(detail.reason);
        }}
      />
      <p id="outcome" role="status">
        {outcome}
      </p>
    </>
  );
}
