import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const API = process.env.OTELGRES_URL ?? "http://127.0.0.1:8000";

// SvelteKit's own component hides its announcer by a style attribute, which the content policy refuses; app.css hides it.
const announcerWithoutStyle: Plugin = {
  name: "announcer-without-style",
  enforce: "pre",
  transform: {
    filter: { id: /kit\/src\/runtime\/components\/root\.svelte$/ },
    handler(code) {
      const changed = code.replace(/(id="svelte-announcer"[^>]*?)\s+style="[^"]*"/, "$1");
      if (changed === code) throw new Error("SvelteKit's announcer is not as it was: look at it anew");
      return changed;
    },
  },
};

export default defineConfig({
  plugins: [
    announcerWithoutStyle,
    sveltekit({
      // One page answers for every path below /admin; its files lie in the package that serves them.
      adapter: adapter({ pages: "../server/web", fallback: "index.html", precompress: true }),
      appDir: "admin/_app",
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
