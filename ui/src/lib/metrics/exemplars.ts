import type { Exemplar } from "#lib/api/schema";
import type { Bounds } from "#lib/time/range";

/** At most `most` of those that lead to a stored trace, spread over the time: of each part of it the greatest. */
export function spread(exemplars: readonly Exemplar[], { from, to }: Bounds, most: number): Exemplar[] {
  const greatest = new Map<number, Exemplar>();
  for (const one of exemplars) {
    if (!one.stored || one.trace_id === null || one.value === null) continue;
    const part = Math.floor(((Date.parse(one.time) - from) / (to - from)) * most);
    const known = greatest.get(part);
    if (!known || one.value > (known.value ?? -Infinity)) greatest.set(part, one);
  }
  return [...greatest.values()];
}
