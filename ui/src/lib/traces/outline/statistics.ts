import type { Outline } from "./outline";

/** Spans of one service and name. Times in nanoseconds. */
export interface Operation {
  service: number;
  name: number;
  count: number;
  errors: number;
  total: number;
  average: number;
  longest: number;
  selfTime: number;
  critical: number;
  /** The place of the longest. */
  example: number;
}

export const MEASURES = ["count", "errors", "total", "average", "longest", "selfTime", "critical"] as const;
export type Measure = (typeof MEASURES)[number];

/** One row for each service and name; a span in progress counts up to the latest time known. */
export function operations(outline: Outline): Operation[] {
  const found = new Map<number, Operation>();
  for (let at = 0; at < outline.count; at += 1) {
    const [service, name] = [outline.service[at] ?? 0, outline.name[at] ?? 0];
    const key = service * outline.names.length + name;
    const duration = (outline.ends[at] ?? 0) - (outline.starts[at] ?? 0);
    let row = found.get(key);
    if (!row) {
      const sums = { count: 0, errors: 0, total: 0, average: 0, longest: -1, selfTime: 0, critical: 0 };
      row = { service, name, example: at, ...sums };
      found.set(key, row);
    }
    row.count += 1;
    row.errors += outline.failed[at] ?? 0;
    row.total += duration;
    row.average = row.total / row.count;
    row.selfTime += outline.selfTimes[at] ?? 0;
    row.critical += Math.max(outline.critical[at] ?? 0, 0);
    if (duration > row.longest) [row.longest, row.example] = [duration, at];
  }
  return [...found.values()];
}

/** The most first. */
export function byMeasure(rows: readonly Operation[], measure: Measure, reversed: boolean): Operation[] {
  const sign = reversed ? -1 : 1;
  return [...rows].sort((one, other) => sign * (other[measure] - one[measure]));
}
