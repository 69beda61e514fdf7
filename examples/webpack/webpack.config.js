export default {
  mode: "production",
  entry: ["./src/page.js", "./src/index.html"],
  output: { clean: true },
  module: {
    // Copies the page unchanged. The element needs no rule: webpack includes its .wasm file by itself.
    rules: [{ test: /\.html$/, type: "asset/resource", generator: { filename: "[name][ext]" } }],
  },
};
