import type { Aggregation, MetricKind } from "#lib/api/schema";

const OF_VALUES: readonly Aggregation[] = ["avg", "sum", "min", "max", "last", "count"];
const OF_COUNTERS: readonly Aggregation[] = ["rate", "increase", ...OF_VALUES];
const OF_HISTOGRAMS: readonly Aggregation[] = [
  "p50", "p90", "p95", "p99", "avg", "min", "max", "sum", "count", "rate", "increase",
]; // prettier-ignore
const OF_SUMMARIES: readonly Aggregation[] = ["avg", "sum", "count", "rate", "increase"];

/** What can be said of a metric, what is asked for most first. */
export function aggregationsOf(
  kind: Pick<MetricKind, "type" | "monotonic" | "temporality"> | undefined,
): readonly Aggregation[] {
  if (!kind || kind.type === "gauge") return OF_VALUES;
  if (kind.type === "summary") return OF_SUMMARIES;
  if (kind.type === "sum") return kind.monotonic ? OF_COUNTERS : ["sum", ...OF_VALUES.filter((one) => one !== "sum")];
  return ["p95", ...OF_HISTOGRAMS.filter((one) => one !== "p95")];
}

/** 'cumulative sum, only grows' */
export function typeName({
  type,
  temporality,
  monotonic,
}: Pick<MetricKind, "type" | "temporality" | "monotonic">): string {
  const words = [temporality, type.replace("_", " ")].filter(Boolean).join(" ");
  return monotonic ? `${words}, only grows` : words;
}

/** Whether an exemplar's value lies on the chart's own axis. */
export function showsObservations(aggregation: Aggregation): boolean {
  return /^(p\d+|avg|min|max|last)$/.test(aggregation);
}
