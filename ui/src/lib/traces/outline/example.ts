import type { TraceOutline } from "#lib/api/schema";
import { outlineOf, type Outline } from "./outline";

interface Given {
  name: string;
  depth: number;
  start: number;
  duration: number | null;
  service?: string;
  selfTime?: number;
  failed?: boolean;
}

/** An outline for tests; times in nanoseconds. */
export function example(spans: readonly Given[]): Outline {
  const names = [...new Set(spans.map((span) => span.name))];
  const services = [...new Set(spans.map((span) => span.service ?? "shop"))];
  const answer: TraceOutline = {
    trace: {} as TraceOutline["trace"],
    span_count: spans.length,
    root_missing: false,
    complete: true,
    start_nanos: "0",
    names,
    services,
    categories: ["rag", "llm", "http", "other"],
    spans: {
      span_ids: spans.map((_, at) => `id${at}`),
      depths: spans.map((span) => span.depth),
      names: spans.map((span) => names.indexOf(span.name)),
      services: spans.map((span) => services.indexOf(span.service ?? "shop")),
      kinds: spans.map(() => 1),
      categories: spans.map(() => 3),
      starts: spans.map((span) => span.start),
      durations: spans.map((span) => span.duration),
      self_times: spans.map((span) => span.selfTime ?? span.duration ?? 0),
      critical_path: spans.map(() => -1),
      events: spans.map(() => 0),
      links: spans.map(() => 0),
    },
    failed: spans.flatMap((span, at) => (span.failed ? [at] : [])),
    event_spans: [],
    event_times: [],
    parent_missing: [],
    parent_cut: [],
  };
  return outlineOf(answer);
}
