import type { RedPoint, RedSeries } from "#lib/api/schema";

/** What is drawn of rate, errors and durations. */
export type Measure = "rate" | "errors" | "error_rate" | "p50_ms" | "p95_ms" | "p99_ms";

/** When each step of an answer begins, in milliseconds: those that points name, and the ones between that were left
 * out because nothing was in them. */
export function stepTimes(from: string, to: string, stepSeconds: number): number[] {
  const step = stepSeconds * 1000;
  const begin = Date.parse(from);
  const first = Math.floor(begin / step) * step;
  const times: number[] = [];
  // The first step begins with the window.
  for (let at = first; at < Date.parse(to); at += step) times.push(Math.max(at, begin));
  return times;
}

/** The values of a series at those times: where nothing was, a rate is 0 and a duration is none. */
export function valuesAt(times: readonly number[], points: readonly RedPoint[], measure: Measure): (number | null)[] {
  const found = new Map(points.map((point) => [Date.parse(point.time), point[measure]]));
  const nothing = measure === "rate" || measure === "errors" ? 0 : null;
  return times.map((time) => found.get(time) ?? nothing);
}

/** The series of each service by its name. */
export function byService(series: readonly RedSeries[]): Map<string, RedSeries> {
  return new Map(series.map((one) => [one.service_name, one]));
}

/** Those with the most spans, at most so many. */
export function busiest(series: readonly RedSeries[], most: number): RedSeries[] {
  const spans = new Map(series.map((one) => [one, one.points.reduce((sum, point) => sum + point.spans, 0)]));
  return [...series].sort((one, other) => (spans.get(other) ?? 0) - (spans.get(one) ?? 0)).slice(0, most);
}

export const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
