import { lastSegment } from "#lib/format/id";
import type { LogRow } from "./row";

export const DEFAULT_COLUMNS = ["time", "level", "logger", "message", "trace"] as const;

const ATTRIBUTES = "attributes.";

export interface Column {
  /** As the address has it; the name of an attribute for all others. */
  name: string;
  title: string;
  /** A track of the grid. */
  width: string;
  /** The least it takes, in pixels. */
  least: number;
  /** Null where the row has none. */
  value: (row: LogRow) => string | null;
  /** Not sent while streaming. */
  listed?: boolean;
}

const fixed = (name: string, title: string, least: number, value: Column["value"], listed = false): Column => ({
  name,
  title,
  width: `${least}px`,
  least,
  value,
  listed,
});

/** The columns that every log has. */
export const COLUMNS: readonly Column[] = [
  fixed("time", "Time", 150, (row) => row.timestamp),
  fixed("level", "Level", 82, (row) => row.level),
  fixed("service", "Service", 130, (row) => row.service_name ?? null, true),
  fixed("logger", "Logger", 140, (row) => lastSegment(row.logger_name)),
  { name: "message", title: "Message", width: "minmax(260px, 1fr)", least: 260, value: (row) => row.message },
  fixed("user", "User", 170, (row) => row.user_email ?? null, true),
  fixed("department", "Department", 120, (row) => row.department ?? null, true),
  fixed("session", "Session", 130, (row) => row.session_id ?? null, true),
  fixed("endpoint", "Endpoint", 150, (row) => row.endpoint ?? null, true),
  fixed("exception", "Exception", 150, (row) => row.exception_type ?? null, true),
  fixed("trace", "Trace", 86, (row) => row.trace_id),
];

/** The columns by their names, those of every log in their own order and then attributes. dated: times show a date. */
export function columnsOf(names: readonly string[], dated = true): Column[] {
  const known = COLUMNS.filter((column) => names.includes(column.name)).map((column) =>
    column.name === "time" && !dated ? { ...column, width: "98px", least: 98 } : column,
  );
  const attributes = names.filter((name) => !COLUMNS.some((column) => column.name === name)).map(attribute);
  const last = known.at(-1)?.name === "trace" ? known.splice(-1) : [];
  const columns = [...known, ...attributes, ...last];
  if (columns.some(({ name }) => name === "message")) return columns;
  // Something has to take the rest of the width.
  return columns.map((column, index) =>
    index === columns.length - 1 ? { ...column, width: `minmax(${column.least}px, 1fr)` } : column,
  );
}

/** The name of an attribute's column, also where a column of every log has the attribute's own. */
export function columnOf(attribute: string): string {
  const taken = attribute.startsWith(ATTRIBUTES) || COLUMNS.some(({ name }) => name === attribute);
  return taken ? ATTRIBUTES + attribute : attribute;
}

function attribute(name: string): Column {
  const key = name.startsWith(ATTRIBUTES) ? name.slice(ATTRIBUTES.length) : name;
  return fixed(name, key, 150, (row) => attributeOf(row, key), true);
}

function attributeOf({ extra }: LogRow, name: string): string | null {
  if (typeof extra !== "object" || extra === null) return null;
  const value = Object.hasOwn(extra, name) ? (extra as Record<string, unknown>)[name] : null;
  if (value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
