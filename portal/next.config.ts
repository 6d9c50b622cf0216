import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

/** The repository root: workspaces and packages are traced from here, whatever lock files lie above it. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The policy for scripts and styles carries a nonce and is written by proxy.ts. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Referrer-Policy", value: "no-referrer" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), browsing-topics=()" },
];

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: root,
  turbopack: { root },
  poweredByHeader: false,
  reactStrictMode: true,
  // No image optimiser: it would bring a native library and a route that fetches.
  images: { unoptimized: true },
  // Titles and other metadata stand in the head, also for readers without JavaScript.
  htmlLimitedBots: /.*/,
  async headers() {
    return [
      { source: "/:path*", headers: SECURITY_HEADERS },
      // The badge is for other sites, and says so itself: two values would be none.
      {
        source: "/((?!badge\\.svg$).*)",
        headers: [{ key: "Cross-Origin-Resource-Policy", value: "same-origin" }],
      },
      // Who may frame /embed is said by its policy (proxy.ts), which is nobody unless the operator names somebody.
      { source: "/((?!embed$).*)", headers: [{ key: "X-Frame-Options", value: "DENY" }] },
    ];
  },
  // Every page is rendered per request from live rows; nothing is kept between requests.
  cacheMaxMemorySize: 0,
  // `npm run types` checks with the repository's own compiler settings; a build has production packages only.
  typescript: { ignoreBuildErrors: true },
};

export default config;
