import type { Trace } from "#lib/api/schema";
import { milliseconds } from "#lib/format/duration";
import { shortId } from "#lib/format/id";
import { short } from "#lib/format/moment";
import { count } from "#lib/format/number";
import { statusName } from "../outline/colors";

export interface Column {
  name: string;
  title: string;
  /** As grid-template-columns has it. */
  width: string;
  numeric?: boolean;
  mono?: boolean;
  text: (trace: Trace) => string;
}

export const COLUMNS: readonly Column[] = [
  { name: "endpoint", title: "Endpoint", width: "minmax(60px, 3fr)", mono: true, text: (one) => one.endpoint ?? "/" },
  {
    name: "operation",
    title: "Operation",
    width: "minmax(110px, 3fr)",
    mono: true,
    text: (one) => one.operation_name ?? "–",
  },
  { name: "service", title: "Service", width: "minmax(80px, 2fr)", text: (one) => one.service_name ?? "–" },
  { name: "method", title: "Method", width: "64px", text: (one) => one.method ?? "–" },
  { name: "entry", title: "Entry", width: "84px", text: (one) => one.entry_point },
  { name: "duration", title: "Duration", width: "66px", numeric: true, text: (one) => milliseconds(one.duration_ms) },
  { name: "status", title: "Status", width: "80px", text: (one) => statusName(one.status) },
  { name: "time", title: "Time", width: "minmax(104px, 1fr)", text: (one) => short(one.start_time) },
  { name: "spans", title: "Spans", width: "64px", numeric: true, text: (one) => count(one.span_count) },
  { name: "errors", title: "Errors", width: "64px", numeric: true, text: (one) => count(one.error_count) },
  { name: "services", title: "Services", width: "72px", numeric: true, text: (one) => count(one.services.length) },
  { name: "user", title: "User", width: "minmax(90px, 2fr)", text: (one) => one.user_email ?? "N/A" },
  { name: "department", title: "Department", width: "minmax(80px, 1fr)", text: (one) => one.department ?? "–" },
  { name: "session", title: "Session", width: "minmax(80px, 1fr)", text: (one) => one.session_id ?? "–" },
  { name: "error", title: "Error", width: "minmax(120px, 3fr)", text: (one) => one.error_message ?? "" },
  { name: "trace", title: "Trace", width: "84px", mono: true, text: (one) => shortId(one.trace_id) },
];
export const DEFAULT_COLUMNS: readonly string[] = ["endpoint", "duration", "status", "time"];

/** Those with these names, in the order of COLUMNS; unknown names are left out. */
export function chosenColumns(names: readonly string[]): Column[] {
  return COLUMNS.filter(({ name }) => names.includes(name));
}

/** The names with one more or less, at least one. */
export function toggled(names: readonly string[], name: string): readonly string[] {
  const changed = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
  const kept = chosenColumns(changed).map((column) => column.name);
  return kept.length > 0 ? kept : names;
}
