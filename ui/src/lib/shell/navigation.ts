import Boxes from "@lucide/svelte/icons/boxes";
import ChartLine from "@lucide/svelte/icons/chart-line";
import House from "@lucide/svelte/icons/house";
import Settings from "@lucide/svelte/icons/settings";
import Sparkles from "@lucide/svelte/icons/sparkles";
import type { Component } from "svelte";

export interface Page {
  path: string;
  title: string;
  /** An icon, or the emoji that the page is known by. */
  mark: Component<{ size?: number }> | string;
  /** The key after 'g' that leads here. */
  key: string;
}

export const HOME = "/admin";

/** The pages, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: HOME, title: "Overview", mark: House, key: "o" },
  { path: "/admin/services", title: "Services", mark: Boxes, key: "s" },
  { path: "/admin/metrics", title: "Metrics", mark: ChartLine, key: "m" },
  { path: "/admin/llm", title: "LLM", mark: Sparkles, key: "i" },
  { path: "/admin/settings", title: "Settings", mark: Settings, key: "," },
];

/** The page that a path belongs to. */
export function pageOf(path: string): Page | undefined {
  return PAGES.find((page) => path === page.path || (page.path !== HOME && path.startsWith(`${page.path}/`)));
}
