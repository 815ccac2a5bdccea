import type { ChartSeries } from "#lib/charts/series";
import { seriesColor } from "#lib/charts/series";
import { visible } from "#lib/format/id";
import { stepTimes } from "#lib/services/red";

/** US dollars, with as many digits as small sums need. */
export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "$0";
  if (Math.abs(value) >= 1000) return `$${Math.round(value).toLocaleString("en")}`;
  return value >= 0.01 ? `$${value.toFixed(2)}` : `$${Number(value.toPrecision(2))}`;
}

/** What a group is called where it has no name. */
export function groupName(group: string | null): string {
  return group === null ? "(none)" : visible(group);
}

interface Step {
  time: string;
}

interface Summary<S extends Step> {
  from: string;
  to: string;
  step_seconds: number;
  groups: readonly { group: string | null; steps: readonly S[] }[];
}

/** When each step begins, and a series for each of the first `most` groups. `nothing`: the value where nothing was. */
export function overTime<S extends Step>(
  summary: Summary<S>,
  value: (step: S) => number | null,
  { nothing, most = 8 }: { nothing: number | null; most?: number },
): { times: number[]; series: ChartSeries[] } {
  const times = stepTimes(summary.from, summary.to, summary.step_seconds);
  const series = summary.groups.slice(0, most).map(({ group, steps }, index) => {
    const found = new Map(steps.map((step) => [Date.parse(step.time), value(step)]));
    return {
      label: groupName(group),
      color: seriesColor(index),
      values: times.map((time) => (found.has(time) ? (found.get(time) ?? null) : nothing)),
    };
  });
  return { times, series };
}
