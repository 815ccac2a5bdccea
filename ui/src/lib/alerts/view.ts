import { flag, oneOf, text } from "#lib/url/codec";

export const TABS = ["alerts", "rules", "silences", "routing"] as const;
export type Tab = (typeof TABS)[number];

/** The state of the alerts page. What notices link to is `instance_id` and `rule_id`. */
export const VIEW = {
  tab: oneOf(TABS, "alerts"),
  /** Alerts that are not resolved, or all of the time range. */
  show: oneOf(["open", "all"], "open"),
  severity: oneOf(["", "critical", "warning", "info"], ""),
  find: text(),
  off: flag(),
  ended: flag(),
  instance_id: text(),
  rule_id: text(),
};

/** Whether any of the texts holds all the words, whatever their case. */
export function holds(words: string, texts: readonly (string | null | undefined)[]): boolean {
  const all = texts.join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** Labels as texts: 'service=shop'. */
export function labelTexts(labels: unknown): string[] {
  if (typeof labels !== "object" || labels === null) return [];
  return Object.entries(labels).map(([name, value]) => `${name}=${String(value)}`);
}
