const { WASM_TYPE = "application/octet-stream" } = process.env;

/** What a server says that does not know the type of WebAssembly. */
export function headersFor(path) {
  return path.endsWith(".wasm") ? { "Content-Type": WASM_TYPE } : {};
}
