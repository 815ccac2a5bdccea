import type { Outline } from "./outline";

/** Spans of one service and name below the same callers. Times in nanoseconds. */
export interface Frame {
  service: number;
  name: number;
  depth: number;
  /** From 0 to 1 of the whole. */
  left: number;
  width: number;
  /** The frame that called it, -1 at the top. */
  parent: number;
  spans: number;
  /** While none of their children ran. */
  selfTime: number;
  /** Their own time and that of all below. */
  total: number;
  failed: number;
  /** The longest of its spans, by place. */
  longest: number;
}

/** Spans added up by the way to them, widest first below each; what is above lies before what is below. */
export function frames(outline: Outline): Frame[] {
  const { found, below } = added(outline);
  for (let at = found.length - 1; at >= 0; at -= 1) {
    const frame = found[at];
    const parent = frame && found[frame.parent];
    if (frame && parent) parent.total += frame.total;
  }
  const tops = found.flatMap((frame, at) => (frame.parent < 0 ? [at] : []));
  const whole = tops.reduce((sum, at) => sum + (found[at]?.total ?? 0), 0) || 1;
  spread(found, below, tops, 0, whole);
  return found;
}

function added(outline: Outline): { found: Frame[]; below: number[][] } {
  const found: Frame[] = [];
  const below: number[][] = [];
  const known = new Map<string, number>();
  const taken = new Int32Array(outline.count);
  for (let at = 0; at < outline.count; at += 1) {
    const above = outline.parents[at] ?? -1;
    const parent = above < 0 ? -1 : (taken[above] ?? -1);
    const [service, name] = [outline.service[at] ?? 0, outline.name[at] ?? 0];
    const key = `${parent} ${service} ${name}`;
    let place = known.get(key);
    if (place === undefined) {
      place = found.length;
      known.set(key, place);
      const depth = parent < 0 ? 0 : (found[parent]?.depth ?? 0) + 1;
      const times = { selfTime: 0, total: 0, left: 0, width: 0, spans: 0, failed: 0 };
      found.push({ service, name, depth, parent, longest: at, ...times });
      below.push([]);
      if (parent >= 0) below[parent]?.push(place);
    }
    taken[at] = place;
    const frame = found[place];
    if (!frame) continue;
    const own = Math.max(outline.selfTimes[at] ?? 0, 0);
    frame.spans += 1;
    frame.selfTime += own;
    frame.total += own;
    frame.failed += outline.failed[at] ?? 0;
    if (lasting(outline, at) > lasting(outline, frame.longest)) frame.longest = at;
  }
  return { found, below };
}

function lasting(outline: Outline, at: number): number {
  return (outline.ends[at] ?? 0) - (outline.starts[at] ?? 0);
}

function spread(found: Frame[], below: number[][], tops: number[], left: number, whole: number): void {
  const waiting: [number[], number][] = [[tops, left]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    let [group, at] = next;
    group = [...group].sort((one, other) => (found[other]?.total ?? 0) - (found[one]?.total ?? 0));
    for (const place of group) {
      const frame = found[place];
      if (!frame) continue;
      frame.left = at;
      frame.width = frame.total / whole;
      waiting.push([below[place] ?? [], at]);
      at += frame.width;
    }
  }
}
