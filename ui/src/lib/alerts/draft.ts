import type { NewRule, Rule, RuleChange } from "#lib/api/schema";
import { same } from "./conflict";
import { metricType } from "./metric_types";

/** A rule as the form holds it; a number is null where its field is empty. */
export interface Draft {
  name: string;
  description: string;
  metric_type: string;
  condition: NonNullable<RuleChange["condition"]>;
  threshold: number | null;
  window_minutes: number | null;
  evaluation_interval_seconds: number | null;
  custom_sql: string;
  severity: NonNullable<RuleChange["severity"]>;
  notification_channels: string[];
  cooldown_minutes: number | null;
  enabled: boolean;
  query: string;
  of_query: string;
  metric_name: string;
  aggregation: string;
  group_by: string[];
  for_seconds: number | null;
  keep_firing_for_seconds: number | null;
  windows_needed: number | null;
  windows_seen: number | null;
  on_no_data: NonNullable<RuleChange["on_no_data"]>;
  on_error: NonNullable<RuleChange["on_error"]>;
  failures_before_notice: number | null;
  reminder_minutes: number | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export const EMPTY: Draft = {
  name: "",
  description: "",
  metric_type: "error_count",
  condition: "gt",
  threshold: 10,
  window_minutes: 5,
  evaluation_interval_seconds: 60,
  custom_sql: "",
  severity: "warning",
  notification_channels: ["slack"],
  cooldown_minutes: 15,
  enabled: true,
  query: "",
  of_query: "",
  metric_name: "",
  aggregation: "",
  group_by: [],
  for_seconds: 0,
  keep_firing_for_seconds: 0,
  windows_needed: 1,
  windows_seen: 1,
  on_no_data: "keep",
  on_error: "keep",
  failures_before_notice: 5,
  reminder_minutes: null,
  labels: {},
  annotations: {},
};

export const FIELDS = Object.keys(EMPTY) as (keyof Draft)[];

const CLEARABLE = ["description", "custom_sql", "query", "of_query", "metric_name", "aggregation", "reminder_minutes"];
/** Fields that only some metric types have. */
const OF_TYPE = ["custom_sql", "query", "of_query", "metric_name", "aggregation", "group_by"] as const;

/** What the form shows of a rule. What plain SQL made null is as the table's defaults say. */
export function draftOf(rule: Rule): Draft {
  const given = FIELDS.map((name) => [name, rule[name] ?? EMPTY[name]] as const);
  return { ...(Object.fromEntries(given) as unknown as Draft), enabled: rule.enabled === true };
}

/** The draft as the API takes it: without what its metric type has no meaning for, and null for what is empty. */
export function fieldsOf(draft: Draft): Record<keyof Draft, unknown> {
  const known: readonly string[] = metricType(draft.metric_type)?.fields ?? [];
  const of = (name: keyof Draft): unknown => {
    if ((OF_TYPE as readonly string[]).includes(name) && !known.includes(name)) return name === "group_by" ? [] : null;
    if (name === "of_query" && draft.aggregation !== "ratio") return null;
    const value = draft[name];
    return typeof value === "string" && value.trim() === "" ? null : value;
  };
  return Object.fromEntries(FIELDS.map((name) => [name, of(name)])) as Record<keyof Draft, unknown>;
}

/** A rule to add, or to preview; one without a name is previewed too. */
export function newRule(draft: Draft, name = draft.name): NewRule {
  return { ...fieldsOf(draft), name: name.trim() } as unknown as NewRule;
}

/** What to change of a rule that was `before`. */
export function changeOf(draft: Draft, before: Draft, version: number): RuleChange {
  const [fields, old] = [fieldsOf(draft), fieldsOf(before)];
  const changed = FIELDS.filter((name) => !same(fields[name], old[name]));
  const clear = changed.filter((name) => fields[name] === null && CLEARABLE.includes(name));
  const given = changed.filter((name) => fields[name] !== null).map((name) => [name, fields[name]]);
  return { ...Object.fromEntries(given), clear, version } as RuleChange;
}

const NUMBERS = [
  "threshold",
  "window_minutes",
  "evaluation_interval_seconds",
  "cooldown_minutes",
  "for_seconds",
  "keep_firing_for_seconds",
  "windows_needed",
  "windows_seen",
  "failures_before_notice",
] as const;

/** What is missing, field by field, before the API is asked. */
export function missing(draft: Draft): Partial<Record<keyof Draft, string>> {
  const numbers = NUMBERS.filter((name) => draft[name] === null).map((name) => [name, "A number is needed"]);
  return Object.fromEntries(draft.name.trim() ? numbers : [["name", "A name is needed"], ...numbers]);
}
