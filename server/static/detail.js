import { element } from "./dom.js";
import { clock, duration, status } from "./format.js";
import { logRow } from "./rows.js";
import { waterfall } from "./waterfall.js";

// Fills `section` with one trace: facts, waterfall, and the logs that carry its id.
export function showDetail(section, { trace, spans }, logs, open) {
  const back = element("a", "muted", "← All traces");
  back.href = "#";
  const title = element("h2", "", [trace.method, trace.endpoint ?? trace.operation_name ?? "/"].filter(Boolean).join(" "));
  title.id = "detail-title";
  section.replaceChildren(back, title, facts(trace, spans));
  if (trace.error_message) section.append(element("p", "trouble", trace.error_message));
  section.append(waterfall(spans, open), element("h3", "", "Logs of this trace"));
  const list = element("ul", "logs-of-trace");
  list.append(...logs.toReversed().map((log) => logRow(log, false)));
  section.append(logs.length ? list : element("p", "none", "None carries its id."));
}

export function showMissing(section, id, detail) {
  const back = element("a", "muted", "← All traces");
  back.href = "#";
  const title = element("h2", "", detail);
  title.id = "detail-title";
  section.replaceChildren(back, title, element("p", "muted", id));
}

function facts(trace, spans) {
  const list = element("dl", "facts");
  const add = (name, value, className) => {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", className, value));
    list.append(pair);
  };
  add("Status", status(trace.status), trace.status ?? "");
  add("Duration", duration(trace.duration_ms));
  add("Started", clock(trace.start_time));
  add("Services", trace.services.join(", "));
  add("Spans", spans.length.toLocaleString("en"));
  add("User", trace.user_email ?? "N/A");
  if (trace.session_id) add("Session", trace.session_id);
  add("Trace", trace.trace_id);
  return list;
}
