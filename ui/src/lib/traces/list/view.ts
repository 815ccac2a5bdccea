import { filterBy, narrowed } from "#lib/search/completion";
import { flag, list, number, oneOf, text, type Values } from "#lib/url/codec";
import { DEFAULT_COLUMNS } from "./columns";

export const STATUSES = ["", "completed", "error", "in_progress"] as const;
export type Status = (typeof STATUSES)[number];

/** What the address says of the page. */
export const VIEW = {
  q: text(),
  status: oneOf(STATUSES, ""),
  min_duration_ms: number(),
  /** The chosen trace. */
  trace_id: text(),
  columns: list(DEFAULT_COLUMNS),
  facets: flag(true),
  chart: flag(true),
};

export type View = Values<typeof VIEW>;

/** The filters as parameters of the API; those not given are left out. */
export function parameters({ q, status, min_duration_ms }: Pick<View, "q" | "status" | "min_duration_ms">) {
  return { q: q || undefined, status: status || undefined, min_duration_ms: min_duration_ms ?? undefined };
}

/** Whether a search has a condition as a whole word of it. */
export function has(q: string, condition: string): boolean {
  return ` ${q.trim()} `.includes(` ${condition} `);
}

/** The search with a condition, or without it where it has it. */
export function switched(q: string, field: string, value: string): string {
  const condition = filterBy(field, value);
  return has(q, condition) ? ` ${q.trim()} `.replace(` ${condition} `, " ").trim() : narrowed(q, condition);
}

const DURATIONS = /\s*\btrace\.duration:\[[^\]]*\]/g;

/** The search for traces that lasted from so many milliseconds to so many, in place of such a condition before. */
export function lastingBetween(q: string, [low, high]: readonly [number, number]): string {
  const text = (ms: number) => `${Number(ms.toPrecision(4))}ms`;
  return narrowed(q.replace(DURATIONS, ""), `trace.duration:[${text(low)} TO ${text(high)}]`);
}
