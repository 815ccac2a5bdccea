/** An event of a span as its row has it. */
export interface SpanEvent {
  name: string;
  timestamp: string | null;
  attributes: Record<string, unknown>;
}

export interface Thrown {
  type: string;
  message: string;
  stack: string;
  timestamp: string | null;
}

const OWN = new Set(["timestamp", "message", "name", "level"]);

/** The events of a span, whoever wrote them; what is no event is left out. */
export function eventsOf(logs: unknown): SpanEvent[] {
  if (!Array.isArray(logs)) return [];
  return logs.filter(isRecord).map((event) => ({
    name: text(event.name) || text(event.message) || "event",
    timestamp: text(event.timestamp) || null,
    attributes: Object.fromEntries(Object.entries(event).filter(([key]) => !OWN.has(key))),
  }));
}

/** The exceptions among events. */
export function exceptionsOf(events: readonly SpanEvent[]): Thrown[] {
  return events
    .filter(({ attributes }) => "exception.type" in attributes || "exception.message" in attributes)
    .map(({ attributes, timestamp }) => ({
      type: text(attributes["exception.type"]) || "Exception",
      message: text(attributes["exception.message"]),
      stack: text(attributes["exception.stacktrace"]),
      timestamp,
    }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
