import type { Signal } from "#lib/search/suggestions";

/** The fields of a rule that say more of what is measured. */
export type MetricField = "query" | "of_query" | "metric_name" | "aggregation" | "group_by" | "custom_sql";

export interface MetricType {
  value: string;
  label: string;
  /** What the value is. */
  hint: string;
  fields: readonly MetricField[];
  /** The first is what a rule without one has. */
  aggregations: readonly string[];
  /** What its searches look at. */
  signal?: Signal;
  /** The only fields that it is grouped by, where it does not take any. */
  groups?: readonly string[];
}

const COUNTS = ["count", "rate", "ratio", "absence"];
const TIMED = [...COUNTS, "avg", "max", "p50", "p90", "p95", "p99"];
const OF_METRICS = [
  "avg",
  "sum",
  "min",
  "max",
  "last",
  "count",
  "rate",
  "increase",
  "p50",
  "p90",
  "p95",
  "p99",
  "absence",
];
const ANYWHERE = ["service", "user_email", "department", "session_id"];
const OF_CALLS = [...ANYWHERE, "model", "provider", "operation"];
const OF_LOOKUPS = [...ANYWHERE, "name"];

function counted(value: string, label: string, hint: string, signal: Signal): MetricType {
  return { value, label, hint, fields: ["query", "group_by"], aggregations: [], signal };
}

function searched(value: Signal, label: string, hint: string, aggregations: string[]): MetricType {
  return { value, label, hint, fields: ["query", "aggregation", "of_query", "group_by"], aggregations, signal: value };
}

function grouped(value: string, label: string, hint: string, groups?: readonly string[]): MetricType {
  return { value, label, hint, fields: ["group_by"], aggregations: [], ...(groups ? { groups } : {}) };
}

/** What rules can measure, in the order of the form. */
export const METRIC_TYPES: readonly MetricType[] = [
  counted("error_count", "Errors in logs", "Log rows of level ERROR or CRITICAL", "logs"),
  counted("error_rate", "Error rate of traces", "Percent of traces that ended in an error", "traces"),
  counted("latency_p95", "Latency of traces, p95", "Milliseconds", "traces"),
  searched("logs", "Logs of a search", "What is made of the logs that a search finds", COUNTS),
  searched("spans", "Spans of a search", "Durations in milliseconds", TIMED),
  searched("traces", "Traces of a search", "Durations in milliseconds", TIMED),
  {
    value: "metric",
    label: "A metric",
    hint: "Any metric that arrives, aggregated over the window",
    fields: ["metric_name", "aggregation", "query", "group_by"],
    aggregations: OF_METRICS,
  },
  grouped("memory_percent", "Memory usage", "Percent, of the host that uses most"),
  grouped("rag_latency_p95", "Retrieval latency, p95", "Milliseconds", OF_LOOKUPS),
  grouped("llm_cost", "LLM cost", "US dollars in the window", OF_CALLS),
  grouped("llm_cost_hourly", "LLM cost by the hour", "US dollars in the window", OF_CALLS),
  grouped("cache_hit_rate", "Cache hit rate", "Percent of look-ups", OF_LOOKUPS),
  grouped("cache_miss", "Cache misses", "Percent of look-ups", OF_LOOKUPS),
  {
    value: "custom_sql",
    label: "SQL",
    hint: "One SELECT that gives one number",
    fields: ["custom_sql"],
    aggregations: [],
  },
];

export function metricType(value: string): MetricType | undefined {
  return METRIC_TYPES.find((one) => one.value === value);
}
