declare module "*.wasm" {
  const dataUrl: string;
  export default dataUrl;
}
