import type { SilenceAnswer } from "#lib/api/schema";

export type Matcher = SilenceAnswer["matchers"][number];

export const OPERATORS = ["=", "!=", "=~", "!~"] as const;

/** The matchers that are about an alert and no other: its rule's name and its labels. */
export function matchersOf(rule: string, labels: unknown): Matcher[] {
  const own = typeof labels === "object" && labels !== null ? Object.entries(labels) : [];
  return [
    { name: "alertname", op: "=", value: rule },
    ...own.map(([name, value]): Matcher => ({ name, op: "=", value: String(value) })),
  ];
}

/** 'alertname="High Error Rate"' */
export function matcherText({ name, op = "=", value }: Matcher): string {
  return `${name}${op}"${value.replace(/[\\"]/g, "\\$&")}"`;
}

/** Those that are filled in. */
export function given(matchers: readonly Matcher[]): Matcher[] {
  return matchers.filter(({ name }) => name.trim() !== "").map((one) => ({ ...one, name: one.name.trim() }));
}
