/** The origin of the provider's sign-in window; the sandbox's by default. */
const { FRAME_ORIGIN = "http://127.0.0.1:7071" } = process.env;

/** Returns a policy that allows exactly what the element needs. `plain.html` works without WebAssembly. */
export function headersFor(path) {
  const webAssembly = path === "/plain.html" ? "" : " 'wasm-unsafe-eval'";
  const policy = [
    "default-src 'none'",
    `script-src 'self'${webAssembly}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `frame-src ${FRAME_ORIGIN}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return { "Content-Security-Policy": policy.join("; "), "X-Content-Type-Options": "nosniff" };
}
