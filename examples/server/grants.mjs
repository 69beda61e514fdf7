const BACKEND_URL = process.env.BACKEND_URL ?? "http://127.0.0.1:7073";
const { BACKEND_TOKEN } = process.env;
if (!BACKEND_TOKEN) throw new Error("Set BACKEND_TOKEN to the value of the proxy's CR3D_BACKEND_TOKEN.");

/**
 * Decides if the loan is granted, by the result that this server requests from the proxy. Reports from a browser do not
 * count.
 *
 * A real server grants only to the user who is signed in (compare the result's `user`), and once for each session.
 *
 * @throws if the proxy does not return a result
 */
export async function isGranted(sessionId) {
  const response = await fetch(`${BACKEND_URL}/results/${sessionId}`, {
    headers: { Authorization: `Bearer ${BACKEND_TOKEN}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status === 404) return false;
  if (!response.ok) throw new Error(`the proxy responds with ${response.status}`);
  const { data } = await response.json();
  return data.status === "COMPLETED" && data.hasAttestation === true;
}
