import { element } from "./dom.js";
import { duration } from "./format.js";

const SHOWN_AT_FIRST = 1000;

// The spans as a list of bars on the trace's time line, children under their parents. `open` keeps the ids of
// the spans whose attributes are unfolded.
export function waterfall(spans, open) {
  const box = element("div", "waterfall");
  const starts = spans.map((span) => Date.parse(span.start_time));
  const first = starts.reduce((a, b) => Math.min(a, b), Infinity);
  const last = spans.reduce((end, span, i) => Math.max(end, starts[i] + (span.duration_ms ?? 0)), first);
  const ordered = inTreeOrder(spans);
  const add = (from, to) => {
    for (const [span, depth] of ordered.slice(from, to)) box.append(bar(span, depth, first, last - first || 1, open));
  };
  add(0, SHOWN_AT_FIRST);
  if (ordered.length > SHOWN_AT_FIRST) {
    const rest = element("button", "", `Show all ${ordered.length} spans`);
    rest.addEventListener("click", () => {
      rest.remove();
      add(SHOWN_AT_FIRST);
    });
    box.append(rest);
  }
  return box;
}

// Depth first, in the order of start. A span whose parent is unknown, or whose parents form a ring, counts as a root.
export function inTreeOrder(spans) {
  const known = new Set(spans.map((span) => span.span_id));
  const children = Map.groupBy
    ? Map.groupBy(spans, (span) => span.parent_span_id)
    : spans.reduce((map, span) => map.set(span.parent_span_id, [...(map.get(span.parent_span_id) ?? []), span]), new Map());
  const seen = new Set();
  const ordered = [];
  const walk = (root) => {
    const stack = [[root, 0]];
    while (stack.length) {
      const [span, depth] = stack.pop();
      if (seen.has(span)) continue;
      seen.add(span);
      ordered.push([span, depth]);
      for (const child of [...(children.get(span.span_id) ?? [])].reverse()) stack.push([child, depth + 1]);
    }
  };
  spans.filter((span) => !known.has(span.parent_span_id)).forEach(walk);
  spans.forEach((span) => seen.has(span) || walk(span));
  return ordered;
}

export function kindOf(span) {
  const name = span.operation_name.toLowerCase();
  const tags = span.tags ?? {};
  const operation = tags["gen_ai.operation.name"];
  if (name.includes("rag") || operation === "retrieval") return "rag";
  if (name.includes("llm") || operation) return "llm";
  if (name.includes("http") || Object.keys(tags).some((key) => key.startsWith("http."))) return "http";
  return "other";
}

function bar(span, depth, first, length, open) {
  const row = element("details");
  row.open = open.has(span.id);
  const line = element("summary");
  const name = element("span", "cut " + (span.status === "error" ? "error" : ""), span.operation_name);
  name.style.paddingLeft = Math.min(depth, 20) * 14 + "px";
  name.title = span.operation_name;
  const service = element("span", "service cut muted", span.service_name ?? "");
  const track = element("span", "track");
  const mark = element("span", "bar " + kindOf(span));
  const width = Math.max(((span.duration_ms ?? 0) / length) * 100, 1);
  mark.style.left = Math.min(((Date.parse(span.start_time) - first) / length) * 100, 100 - width) + "%";
  mark.style.width = width + "%";
  track.append(mark);
  line.append(name, service, track, element("span", "number", duration(span.duration_ms)));
  row.append(line);
  const unfold = () => row.append(element("pre", "", facts(span)));
  if (row.open) unfold();
  row.addEventListener("toggle", () => {
    if (row.open) open.add(span.id);
    else open.delete(span.id);
    if (row.open && row.childElementCount === 1) unfold();
  });
  return row;
}

function facts(span) {
  const shown = { span_id: span.span_id, ...(span.tags ?? {}) };
  if (span.error_message) shown.error = span.error_message;
  if (span.logs?.length) shown.events = span.logs;
  if (span.links?.length) shown.links = span.links;
  return JSON.stringify(shown, null, 2);
}
