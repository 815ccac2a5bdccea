/** One line, or one kind of bar, over the times of its chart. */
export interface ChartSeries {
  label: string;
  /** A custom property of app.css. */
  color: `--${string}`;
  /** One for each time; null where there is none. */
  values: readonly (number | null)[];
}

/** A point that leads somewhere: an exemplar of a metric, for one. */
export interface ChartMark {
  /** Milliseconds since 1970. */
  time: number;
  value: number;
  label: string;
  href: string;
}

/** A level that matters, such as an alert rule's. */
export interface ChartThreshold {
  value: number;
  label: string;
  color: `--${string}`;
}

/** Each series on top of those before it. */
export function stacked(series: readonly ChartSeries[]): (number | null)[][] {
  const sums: number[] = [];
  return series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index];
    }),
  );
}

/**
 * Eight colours for series that have none of their own: told apart in both themes. The palette's own colours mean
 * something and are not among them but for the accent.
 */
export const SERIES_COLORS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `--series-${number}` as const);

/** The colour of the n-th series. */
export function seriesColor(index: number): `--${string}` {
  return SERIES_COLORS[index % SERIES_COLORS.length] ?? "--accent";
}
