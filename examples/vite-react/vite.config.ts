import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // For `npm run dev`: the partner's server is the one of `npm start`.
  server: { proxy: { "/api": "http://localhost:8080" } },
});
