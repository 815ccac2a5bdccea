/** A stretch of a trace's time, in nanoseconds after its start. */
export interface Stretch {
  from: number;
  to: number;
}

export interface Bar {
  /** Percent of the stretch. */
  left: number;
  width: number;
}

export const LEAST_WIDTH = 1;
const LEAST_NANOS = 100;

/** Where a span stands in a stretch, at least LEAST_WIDTH wide and within it; null where it lies outside. */
export function barIn({ from, to }: Stretch, start: number, end: number): Bar | null {
  if (end < from || start > to) return null;
  const percent = (nanos: number) => (100 * (nanos - from)) / (to - from);
  const left = Math.max(percent(start), 0);
  const width = Math.max(Math.min(percent(end), 100) - left, LEAST_WIDTH);
  return { left: Math.min(left, 100 - width), width };
}

/** A moment in percent of a stretch; null outside. */
export function placeIn({ from, to }: Stretch, at: number): number | null {
  return at < from || at > to ? null : (100 * (at - from)) / (to - from);
}

/** Larger than nothing, and within the trace. */
export function within(length: number, { from, to }: Stretch): Stretch {
  const width = Math.min(Math.max(to - from, LEAST_NANOS), length);
  const start = Math.min(Math.max(from, 0), length - width);
  return { from: start, to: start + width };
}

/** Wider or narrower by a factor, with one moment kept where it is. */
export function zoomed(length: number, { from, to }: Stretch, at: number, factor: number): Stretch {
  return within(length, { from: at - (at - from) * factor, to: at + (to - at) * factor });
}

/** By a share of its width, to the left or right. */
export function moved(length: number, { from, to }: Stretch, share: number): Stretch {
  const by = (to - from) * share;
  return within(length, { from: from + by, to: to + by });
}

/** As an address has it; the whole trace is ''. */
export function written(length: number, { from, to }: Stretch): string {
  return from <= 0 && to >= length ? "" : `${Math.round(from)}-${Math.round(to)}`;
}

/** What an address says; the whole trace where it is unreadable. */
export function read(length: number, text: string): Stretch {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text);
  if (!match) return { from: 0, to: length };
  const [from, to] = [Number(match[1]), Number(match[2])];
  return from < to ? within(length, { from, to }) : { from: 0, to: length };
}
