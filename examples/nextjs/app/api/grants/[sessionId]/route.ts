const { BACKEND_URL = "http://127.0.0.1:7073", BACKEND_TOKEN } = process.env;

/**
 * Decides if the loan is granted, by the result that this server requests from the proxy. Reports from a browser do not
 * count.
 *
 * A real server grants only to the user who is signed in (compare the result's `user`), and once for each session.
 */
export async function GET(_request: Request, { params }: { params: Promise<{ sessionId: string }> }) {
  const { sessionId } = await params;
  const response = await fetch(`${BACKEND_URL}/results/${encodeURIComponent(sessionId)}`, {
    headers: { Authorization: `Bearer ${BACKEND_TOKEN}` },
    cache: "no-store",
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  if (!response?.ok) return Response.json({ granted: false }, { status: response?.status === 404 ? 200 : 502 });
  const { data } = (await response.json()) as { data: { status: string; hasAttestation: boolean } };
  return Response.json({ granted: data.status === "COMPLETED" && data.hasAttestation === true });
}
