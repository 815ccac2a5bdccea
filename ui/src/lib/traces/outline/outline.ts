import type { TraceOutline } from "#lib/api/schema";

/** The colours that the contract gives to kinds of spans. */
export const CATEGORIES = ["rag", "llm", "http", "other"] as const;
export const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/**
 * A whole trace, spans depth first and known by their place. Times are nanoseconds after the first span's start; a span
 * in progress is drawn up to the latest time known.
 */
export interface Outline {
  trace: TraceOutline["trace"];
  /** Nanoseconds since 1970. */
  start: bigint;
  length: number;
  count: number;
  complete: boolean;
  rootMissing: boolean;
  names: readonly string[];
  services: readonly (string | null)[];
  ids: readonly string[];
  depths: readonly number[];
  name: readonly number[];
  service: readonly number[];
  kind: readonly number[];
  category: readonly number[];
  starts: readonly number[];
  ends: Float64Array;
  durations: readonly (number | null)[];
  selfTimes: readonly number[];
  /** -1 off the critical path. */
  critical: readonly number[];
  events: readonly number[];
  links: readonly number[];
  /** Moments of the events of the span at a place. */
  eventTimes: ReadonlyMap<number, readonly number[]>;
  failed: Uint8Array;
  orphans: Uint8Array;
  circular: Uint8Array;
  /** -1 at the top. */
  parents: Int32Array;
  descendants: Int32Array;
  errorsBelow: Int32Array;
}

/** The outline as the API has it, with what follows from it. */
export function outlineOf(answer: TraceOutline): Outline {
  const { spans } = answer;
  const count = spans.span_ids.length;
  const failed = marked(count, answer.failed);
  const length = lengthOf(spans.starts, spans.durations);
  const ends = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const duration = spans.durations[at];
    ends[at] = typeof duration === "number" ? (spans.starts[at] ?? 0) + duration : length;
  }
  return {
    trace: answer.trace,
    start: BigInt(answer.start_nanos),
    length,
    count,
    complete: answer.complete,
    rootMissing: answer.root_missing,
    names: answer.names,
    services: answer.services,
    ids: spans.span_ids,
    depths: spans.depths,
    name: spans.names,
    service: spans.services,
    kind: spans.kinds,
    category: spans.categories,
    starts: spans.starts,
    ends,
    durations: spans.durations,
    selfTimes: spans.self_times,
    critical: spans.critical_path,
    events: spans.events,
    links: spans.links,
    eventTimes: grouped(answer.event_spans, answer.event_times),
    failed,
    orphans: marked(count, answer.parent_missing),
    circular: marked(count, answer.parent_cut),
    ...places(spans.depths, failed),
  };
}

/** The name of the span at a place. */
export function nameAt(outline: Outline, at: number): string {
  return outline.names[outline.name[at] ?? 0] ?? "";
}

/** The service of the span at a place. */
export function serviceAt(outline: Outline, at: number): string {
  return outline.services[outline.service[at] ?? 0] ?? "";
}

/** The places of a span's ancestors, its parent first. */
export function ancestors(outline: Outline, at: number): number[] {
  const found: number[] = [];
  for (let above = outline.parents[at] ?? -1; above >= 0; above = outline.parents[above] ?? -1) found.push(above);
  return found;
}

/** Never 0, so that scales have a width. */
function lengthOf(starts: readonly number[], durations: readonly (number | null)[]): number {
  return starts.reduce((most, start, at) => Math.max(most, start + (durations[at] ?? 0)), 1);
}

function grouped(places: readonly number[], times: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  places.forEach((place, index) => {
    const time = times[index] ?? 0;
    const group = groups.get(place);
    if (group) group.push(time);
    else groups.set(place, [time]);
  });
  return groups;
}

function marked(count: number, at: readonly number[]): Uint8Array {
  const marks = new Uint8Array(count);
  for (const place of at) marks[place] = 1;
  return marks;
}

function places(
  depths: readonly number[],
  failed: Uint8Array,
): Pick<Outline, "parents" | "descendants" | "errorsBelow"> {
  const count = depths.length;
  const parents = new Int32Array(count).fill(-1);
  const descendants = new Int32Array(count);
  const errorsBelow = new Int32Array(count);
  const above: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const depth = depths[at] ?? 0;
    if (depth > 0) parents[at] = above[depth - 1] ?? -1;
    above[depth] = at;
  }
  for (let at = count - 1; at >= 0; at -= 1) {
    const parent = parents[at] ?? -1;
    if (parent < 0) continue;
    descendants[parent] = (descendants[parent] ?? 0) + (descendants[at] ?? 0) + 1;
    errorsBelow[parent] = (errorsBelow[parent] ?? 0) + (errorsBelow[at] ?? 0) + (failed[at] ?? 0);
  }
  return { parents, descendants, errorsBelow };
}
