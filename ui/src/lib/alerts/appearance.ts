/** The colour of a severity; one that nobody knows is as a warning. */
export function severityColor(severity: string | null): `--${string}` {
  return severity === "info" || severity === "critical" ? `--severity-${severity}` : "--severity-warning";
}

/** The colour of an alert's status. */
export function statusColor(status: string | null): `--${string}` {
  return status === "acknowledged" || status === "resolved" ? `--${status}` : "--firing";
}

export const SIGNS: Record<string, string> = { gt: ">", lt: "<", gte: "≥", lte: "≤", eq: "=", neq: "≠" };

/** '> 10' */
export function conditionText(condition: string, threshold: number | null): string {
  return `${SIGNS[condition] ?? condition} ${threshold ?? "–"}`;
}

/** A value as alerts show it: with two decimals. */
export function decimals(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}

/** 'every 60 s', '5 min', '1 h 30 min' for seconds. */
export function lasting(seconds: number): string {
  const parts = (
    [
      [86400, "d"],
      [3600, "h"],
      [60, "min"],
      [1, "s"],
    ] as const
  ).flatMap(([size, unit], index, all) => {
    const above = all[index - 1]?.[0];
    const amount = Math.floor((above ? seconds % above : seconds) / size);
    return amount ? [`${amount} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(" ") || "0 s";
}
