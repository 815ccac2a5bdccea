import type { RedSeries, ServiceRed } from "#lib/api/schema";

export const SORTS = ["service", "rate", "errors", "p95"] as const;
export type Sort = (typeof SORTS)[number];

const BY: Record<Sort, (a: ServiceRed, b: ServiceRed) => number> = {
  service: (a, b) => a.service_name.localeCompare(b.service_name),
  rate: (a, b) => b.rate - a.rate,
  errors: (a, b) => b.error_rate - a.error_rate || b.errors - a.errors,
  p95: (a, b) => b.p95_ms - a.p95_ms,
};

/** Names from A on, figures from the highest on; the other way round where that is asked for. */
export function sorted(services: readonly ServiceRed[], sort: Sort, reversed: boolean): ServiceRed[] {
  const ordered = [...services].sort(BY[sort]);
  return reversed ? ordered.reverse() : ordered;
}

/** One value for each step of the time from `from` to `to`; steps that the series leaves out are `none`. */
export function steps(
  series: RedSeries | undefined,
  { from, to, step_seconds }: { from: string; to: string; step_seconds: number },
  value: (point: RedSeries["points"][number]) => number,
  none: number | null = 0,
): (number | null)[] {
  const length = step_seconds * 1000;
  const start = Math.floor(Date.parse(from) / length);
  const count = Math.max(Math.ceil(Date.parse(to) / length) - start, 1);
  const found = new Map(
    series?.points.map((point) => [Math.floor(Date.parse(point.time) / length) - start, value(point)]),
  );
  return Array.from({ length: count }, (_, index) => found.get(index) ?? none);
}
