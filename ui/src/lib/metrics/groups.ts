import type { MetricGroup, MetricQuery } from "#lib/api/schema";
import type { ChartSeries } from "#lib/charts/series";
import { seriesColor } from "#lib/charts/series";
import { visible } from "#lib/format/id";

/** 'shop · /chat', or the metric's name where it is not grouped. */
export function groupName(group: MetricGroup, metric: string): string {
  const values = Object.values(group.labels);
  return values.length === 0 ? metric : values.map((value) => (value === null ? "(none)" : visible(value))).join(" · ");
}

/** A line for each group. */
export function linesOf(answer: MetricQuery): ChartSeries[] {
  return answer.groups.map((group, index) => ({
    label: groupName(group, answer.name),
    color: seriesColor(index),
    values: group.values,
  }));
}

export interface Extremes {
  last: number | null;
  least: number | null;
  most: number | null;
  mean: number | null;
}

/** Of the values there are; all null where there are none. */
export function extremes(values: readonly (number | null)[]): Extremes {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return { last: null, least: null, most: null, mean: null };
  return {
    last: known.at(-1) ?? null,
    least: Math.min(...known),
    most: Math.max(...known),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
  };
}
