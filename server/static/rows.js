import { element } from "./dom.js";
import { clock, duration, lastSegment, status } from "./format.js";

export function traceRow(trace) {
  const row = element("li");
  const link = element("a", "trace-row");
  link.href = "#trace/" + encodeURIComponent(trace.trace_id);
  const time = element("span", "time", clock(trace.start_time));
  time.title = trace.start_time;
  const service = element("span", "service cut", trace.service_name ?? "");
  service.title = trace.services.join(", ");
  const name = [trace.method, trace.endpoint ?? trace.operation_name ?? "/"].filter(Boolean).join(" ");
  const endpoint = element("span", "endpoint cut", name);
  endpoint.title = name;
  link.append(
    time,
    service,
    endpoint,
    element("span", "duration number", duration(trace.duration_ms)),
    element("span", "count number", trace.span_count),
    element("span", "status " + (trace.status ?? ""), status(trace.status)),
  );
  row.append(link);
  return row;
}

export function logRow(log, withTrace = true) {
  const bad = log.level === "ERROR" || log.level === "CRITICAL";
  const row = element("li", bad ? "bad" : "");
  const cells = element("div", "log-row");
  const time = element("span", "time", clock(log.timestamp));
  time.title = log.timestamp;
  const logger = element("span", "logger cut muted", lastSegment(log.logger_name));
  logger.title = log.logger_name;
  const message = element("span", "message", log.message.slice(0, 2000));
  if (log.exception_message) message.title = [log.exception_type, log.exception_message].filter(Boolean).join(": ");
  cells.append(time, element("span", "level " + log.level, log.level), logger, message);
  if (withTrace) cells.append(traceLink(log.trace_id));
  row.append(cells);
  return row;
}

function traceLink(traceId) {
  if (!traceId) return element("span", "trace");
  const link = element("a", "trace muted", traceId.slice(0, 8));
  link.href = "#trace/" + encodeURIComponent(traceId);
  link.title = traceId;
  return link;
}
