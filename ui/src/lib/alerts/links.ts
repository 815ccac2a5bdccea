import { escapedName, quoted } from "#lib/search/completion";

/** What of a rule decides where its alerts are to be seen. */
export interface Asking {
  metric_type: string;
  query: string | null;
  group_by: readonly string[];
  window_minutes: number | null;
}

export interface Measured {
  labels: unknown;
  context: unknown;
  triggered_at: string;
  evaluated_at: string | null;
}

export interface Lead {
  label: string;
  href: string;
}

const ERRORS = "level:(ERROR OR CRITICAL)";
const OF_LOGS: readonly string[] = ["logs", "error_count"];
const OF_TRACES: readonly string[] = ["traces", "spans", "error_rate", "latency_p95"];
const MOST_TRACES = 5;

/** The pages that show what an alert is about: the logs or traces of its window, and the traces that it names. */
export function leads(rule: Asking, alert: Measured): Lead[] {
  const minutes = (rule.window_minutes ?? 5) * 60e3;
  const from = new Date(Date.parse(alert.triggered_at) - minutes).toISOString();
  const to = new Date(Date.parse(alert.evaluated_at ?? alert.triggered_at)).toISOString();
  const page = (name: string) => `/admin/${name}?${String(new URLSearchParams({ q: search(rule, alert), from, to }))}`;
  const found: Lead[] = [];
  if (OF_LOGS.includes(rule.metric_type)) found.push({ label: "Its logs", href: page("logs") });
  if (OF_TRACES.includes(rule.metric_type)) found.push({ label: "Its traces", href: page("traces") });
  return [...found, ...tracesOf(alert.context).map((id) => trace(id))];
}

function trace(id: string): Lead {
  return { label: `Trace ${id.slice(0, 8)}`, href: `/admin/traces/${id}` };
}

function search({ metric_type, query, group_by }: Asking, { labels }: Measured): string {
  const own = metric_type === "error_count" ? ERRORS : metric_type === "error_rate" ? "trace.status:error" : "";
  const asked = [own, query ?? ""].filter(Boolean).map((part) => `(${part})`);
  const values = (typeof labels === "object" && labels !== null ? labels : {}) as Record<string, unknown>;
  const grouped = group_by.filter((name) => values[name] !== undefined);
  return [...asked, ...grouped.map((name) => `${escapedName(name)}:${quoted(String(values[name]))}`)].join(" AND ");
}

function tracesOf(context: unknown): string[] {
  if (typeof context !== "object" || context === null) return [];
  const { trace_id: own, rows } = context as { trace_id?: unknown; rows?: unknown };
  const each: unknown[] = Array.isArray(rows) ? rows.map((row: { trace_id?: unknown } | null) => row?.trace_id) : [];
  const ids = [own, ...each].filter((id): id is string => typeof id === "string" && /^[0-9a-f]{32}$/.test(id));
  return [...new Set(ids)].slice(0, MOST_TRACES);
}
