import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vitest/config";

const API = process.env.OTELGRES_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    sveltekit({
      // One page answers for every path below /admin; its files lie in the package that serves them.
      adapter: adapter({ pages: "../server/web", fallback: "index.html", precompress: true }),
      output: { linkHeaderPreload: false },
      version: { name: process.env.OTELGRES_UI_VERSION ?? "dev", pollInterval: 0 },
    }),
  ],
  // Nothing as data: in a style sheet: the content policy takes what comes from our origin alone.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: {
    proxy: { "/api": { target: API, ws: true }, "/healthz": API, "/readyz": API, "/static": API },
  },
  test: { include: ["src/**/*.test.ts"] },
});
