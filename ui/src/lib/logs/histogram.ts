import type { components } from "#lib/api/schema";
import type { ChartSeries } from "#lib/charts/series";
import { levelColor, LEVELS } from "./view";

type Histogram = components["schemas"]["LogHistogram"];

export interface Bars {
  times: number[];
  series: ChartSeries[];
  /** Of each level, the most severe first. */
  totals: { level: string; count: number }[];
}

/** Bars by level, the least severe below; only of one level where one is chosen. Totals are of all. */
export function bars({ buckets, step_seconds }: Histogram, chosen = ""): Bars {
  const names = new Set(buckets.flatMap(({ levels }) => Object.keys(levels)));
  const order = [...LEVELS, ...[...names].filter((name) => !(LEVELS as readonly string[]).includes(name)).sort()];
  const seen = order.filter((level) => names.has(level));
  const values = (level: string) => buckets.map(({ levels }) => levels[level] ?? 0);
  return {
    times: times(buckets, step_seconds * 1000),
    series: seen
      .filter((level) => chosen === "" || level === chosen)
      .map((level) => ({ label: level, color: levelColor(level), values: values(level) })),
    totals: seen.map((level) => ({ level, count: values(level).reduce((sum, one) => sum + one, 0) })).reverse(),
  };
}

/** When the bars begin. The first step may be cut short, but is as wide as the others. */
function times(buckets: Histogram["buckets"], step: number): number[] {
  const [first, second, ...rest] = buckets.map(({ time }) => Date.parse(time));
  if (first === undefined || second === undefined) return first === undefined ? [] : [first];
  return [second - step, second, ...rest];
}
