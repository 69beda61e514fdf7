const BACKEND_URL = process.env.BACKEND_URL ?? "http://127.0.0.1:7073";
const { BACKEND_TOKEN } = process.env;
if (!BACKEND_TOKEN) throw new Error("Set BACKEND_TOKEN to what the proxy has as CR3D_BACKEND_TOKEN.");

/**
 * Whether the loan is granted: by the proxy's word, asked from here. What a browser says counts for nothing.
 *
 * A real server grants only to the user who is signed in (compare the result's `user`), and once for each session.
 *
 * @throws when the proxy does not say
 */
export async function isGranted(sessionId) {
  const response = await fetch(`${BACKEND_URL}/results/${sessionId}`, {
    headers: { Authorization: `Bearer ${BACKEND_TOKEN}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status === 404) return false;
  if (!response.ok) throw new Error(`the proxy answers ${response.status}`);
  const { data } = await response.json();
  return data.status === "COMPLETED" && data.hasAttestation === true;
}
