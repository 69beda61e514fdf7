import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  // The tag is not a Vue component, so Vue must not look for one.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "cr3dentials-verify" } } })],
  // For `npm run dev`, which uses the partner's server started by `npm start`.
  server: { proxy: { "/api": "http://localhost:8080" } },
});
