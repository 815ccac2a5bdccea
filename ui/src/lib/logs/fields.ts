import type { components } from "#lib/api/schema";

type LogDetail = components["schemas"]["LogDetail"];

/** One thing that a log says. */
export interface LogField {
  name: string;
  /** As a search has it; null where no search finds it by one value. */
  field: string | null;
  value: unknown;
}

export interface FieldGroup {
  title: string;
  fields: LogField[];
}

// Names that a search takes for columns, or for the place of an attribute.
const COLUMNS = (
  "id timestamp observed_time level severity_number severity_text service service_name service.name logger " +
  "logger_name message pattern event_name trace_id span_id user_email department session_id endpoint " +
  "exception_type exception_message"
).split(" ");
const PLACES = /^(?:resource|scope|attributes)\./;
const LONGEST = 1000;

/** All fields of a log that have a value, in groups. The message and the stack trace are shown by themselves. */
export function fieldsOf(log: LogDetail): FieldGroup[] {
  const own: [string, string | null, unknown][] = [
    ["Level", "level", log.level],
    ["Service", "service", log.service_name],
    ["Logger", "logger", log.logger_name],
    ["Trace", "trace_id", log.trace_id],
    ["Span", "span_id", log.span_id],
    ["User", "user_email", log.user_email],
    ["Department", "department", log.department],
    ["Session", "session_id", log.session_id],
    ["Endpoint", "endpoint", log.endpoint],
    ["Event", "event_name", log.event_name],
    ["Severity", "severity_number", log.severity_number || null],
    ["Severity text", "severity_text", log.severity_text],
    ["Observed", null, log.observed_time],
    ["Flags", null, log.flags],
    ["Dropped attributes", null, log.dropped_attributes_count],
    ["Body", null, log.body],
    ["Id", "id", log.id],
  ];
  const groups = [
    { title: "Log", fields: own.map(([name, field, value]) => ({ name, field: searchable(field, value), value })) },
    { title: "Attributes", fields: attributes(log.extra, "") },
    { title: "Resource", fields: attributes(log.resource_attributes, "resource.") },
    { title: "Scope", fields: attributes({ name: log.scope_name, version: log.scope_version }, "scope.") },
  ];
  return groups
    .map(({ title, fields }) => ({
      title,
      fields: fields.filter(({ value }) => value !== null && value !== undefined),
    }))
    .filter(({ fields }) => fields.length > 0);
}

/** An attribute's name as a search has it, before what must be escaped in it is. */
export function searchName(key: string, place: string): string {
  if (place) return place + key;
  return COLUMNS.includes(key) || PLACES.test(key) ? `attributes.${key}` : key;
}

function attributes(given: unknown, place: string): LogField[] {
  if (typeof given !== "object" || given === null) return [];
  return Object.entries(given)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => ({ name: key, field: searchable(searchName(key, place), value), value }));
}

function searchable(field: string | null, value: unknown): string | null {
  if (typeof value === "string") return value !== "" && value.length <= LONGEST ? field : null;
  return typeof value === "number" || typeof value === "boolean" ? field : null;
}
