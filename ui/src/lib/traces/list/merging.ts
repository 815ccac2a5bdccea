import type { Trace } from "#lib/api/schema";

/** A newer first page before what was loaded further down, each trace once and as it came last. */
export function renewed(first: readonly Trace[], before: readonly Trace[]): Trace[] {
  const last = first.at(-1);
  if (!last) return [];
  const known = new Set(first.map(({ trace_id }) => trace_id));
  const older = before.filter((one) => !known.has(one.trace_id) && isAfter(last, one));
  return [...first, ...older];
}

/** Newest first, by id where times are equal, as the API lists them. */
function isAfter(one: Trace, other: Trace): boolean {
  const [a, b] = [Date.parse(one.start_time), Date.parse(other.start_time)];
  return a > b || (a === b && one.trace_id > other.trace_id);
}

/** Equal parts of a time, for a sample of the whole of it. */
export function parts(from: number, to: number, count: number): { from: string; to: string }[] {
  const step = (to - from) / count;
  return Array.from({ length: count }, (_, at) => ({
    from: new Date(Math.floor(from + at * step)).toISOString(),
    to: new Date(at === count - 1 ? Math.ceil(to) : Math.floor(from + (at + 1) * step)).toISOString(),
  }));
}
