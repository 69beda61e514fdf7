import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  // Not a Vue component, so Vue should not look for one.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "cr3dentials-verify" } } })],
  // For `npm run dev`: the partner's server is the one of `npm start`.
  server: { proxy: { "/api": "http://localhost:8080" } },
});
