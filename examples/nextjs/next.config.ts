import type { NextConfig } from "next";

// Read by `npm run build`, which writes the rewrites down; `npm start` does not look here again.
const { PROXY_URL = "http://127.0.0.1:7072" } = process.env;

export default {
  rewrites: async () => [
    { source: "/api/verification/:path*", destination: `${PROXY_URL}/api/verification/:path*` },
  ],
} satisfies NextConfig;
