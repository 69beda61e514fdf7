import type { NextConfig } from "next";

// Read by `npm run build`, which stores the rewrites; `npm start` does not read it again.
const { PROXY_URL = "http://127.0.0.1:7072" } = process.env;

export default {
  rewrites: async () => [{ source: "/api/verification/:path*", destination: `${PROXY_URL}/api/verification/:path*` }],
} satisfies NextConfig;
