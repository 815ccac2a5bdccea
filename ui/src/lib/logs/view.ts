import { filterBy, narrowed } from "#lib/search/completion";
import { flag, list, oneOf, text, type Values } from "#lib/url/codec";
import { DEFAULT_COLUMNS } from "./columns";

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type Level = (typeof LEVELS)[number];

/** What the address says of the page. */
export const VIEW = {
  q: text(),
  level: oneOf(["", ...LEVELS], ""),
  trace: text(),
  pattern: text(),
  columns: list(DEFAULT_COLUMNS),
  wrap: flag(),
  facets: flag(true),
  tab: oneOf(["logs", "patterns"], "logs"),
  log: text(),
  stream: flag(),
};

export type View = Values<typeof VIEW>;
export type Narrowing = Pick<View, "q" | "level" | "trace" | "pattern">;

/** The filters as parameters of lists, patterns and exports; those not given are left out. */
export function parameters({ q, level, trace, pattern }: Narrowing): Record<string, string> {
  const given = { q, level, trace_id: trace, pattern };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
}

/** The same as one search, for what takes nothing else. */
export function asSearch({ q, level, trace, pattern }: Narrowing): string {
  const conditions = [
    level && filterBy("level", level),
    trace && filterBy("trace_id", trace),
    pattern && filterBy("pattern", pattern),
  ];
  const more = conditions.filter((one) => one !== "").join(" ");
  return more ? narrowed(q, more) : q.trim();
}

/** The colour of a level; what is no level of ours has that of muted text. */
export function levelColor(level: string): `--${string}` {
  return (LEVELS as readonly string[]).includes(level) ? `--level-${level.toLowerCase()}` : "--muted";
}

export function isError(level: string): boolean {
  return level === "ERROR" || level === "CRITICAL";
}
