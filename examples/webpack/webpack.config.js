export default {
  mode: "production",
  entry: ["./src/page.js", "./src/index.html"],
  output: { clean: true },
  module: {
    // The page is copied as it is. Nothing is needed for the element: its .wasm file comes along by itself.
    rules: [{ test: /\.html$/, type: "asset/resource", generator: { filename: "[name][ext]" } }],
  },
};
