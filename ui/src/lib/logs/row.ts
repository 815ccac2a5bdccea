import type { components } from "#lib/api/schema";

export type Log = components["schemas"]["LogList"]["logs"][number];

/** A log of the list, or of the stream. */
export type LogRow = Pick<Log, "id" | "timestamp" | "level" | "logger_name" | "message" | "trace_id"> & Partial<Log>;

/** The newest so many are kept while streaming. */
export const MOST_STREAMED = 500;

/** The newer rows, and those of the older ones that are not among them; at most so many. */
export function together(newer: readonly LogRow[], older: readonly LogRow[], most = Infinity): LogRow[] {
  const known = new Set(newer.map((row) => row.id));
  return [...newer, ...older.filter((row) => !known.has(row.id))].slice(0, most);
}

/**
 * A list whose first page was read anew: what is new in it goes before what was there. Null where the two do not meet,
 * so that rows may be missing between them.
 */
export function renewed(first: readonly LogRow[], before: readonly LogRow[]): LogRow[] | null {
  const newest = before[0];
  if (!newest) return null;
  const meets = first.findIndex((row) => row.id === newest.id);
  return meets < 0 ? null : together(first, before);
}

/** Rows as they came, with the newest first. */
export function newestFirst(rows: readonly LogRow[]): LogRow[] {
  const order = (one: LogRow, other: LogRow) =>
    one.timestamp < other.timestamp ? 1 : one.timestamp > other.timestamp ? -1 : 0;
  return [...rows].reverse().sort(order);
}
