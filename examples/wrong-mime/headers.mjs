const { WASM_TYPE = "application/octet-stream" } = process.env;

/** Simulates a server that does not know the media type of WebAssembly. */
export function headersFor(path) {
  return path.endsWith(".wasm") ? { "Content-Type": WASM_TYPE } : {};
}
