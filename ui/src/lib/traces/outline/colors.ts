import { seriesColor } from "#lib/charts/series";
import { CATEGORIES, type Outline } from "./outline";

export const COLORINGS = ["kind", "service"] as const;
export type Coloring = (typeof COLORINGS)[number];

/** The colour of the bar of the span at a place. */
export function spanColor(outline: Outline, at: number, by: Coloring): `--${string}` {
  if (by === "service") return seriesColor(outline.service[at] ?? 0);
  return categoryColor(outline.category[at] ?? CATEGORIES.length - 1);
}

export function categoryColor(category: number): `--${string}` {
  return `--${CATEGORIES[category] ?? "other"}`;
}

/** The colour of a trace's or span's status. */
export function statusColor(status: string | null): `--${string}` {
  return status === "error" ? "--error" : status === "in_progress" ? "--in-progress" : "--completed";
}

export function statusName(status: string | null): string {
  return (status ?? "unknown").replace("_", " ");
}
