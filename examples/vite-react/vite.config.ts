import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // For `npm run dev`, which uses the partner's server started by `npm start`.
  server: { proxy: { "/api": "http://localhost:8080" } },
});
