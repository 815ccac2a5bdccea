import type { Segment } from "./timeline";

interface Holding {
  for_seconds: number;
  keep_firing_for_seconds: number;
}

/**
 * When a rule would have been pending and firing, from whether its condition held at each time. Between two times it is
 * taken to be as at the first.
 */
export function firings(times: readonly number[], met: readonly boolean[], holding: Holding): Segment[] {
  const segments: Segment[] = [];
  let since: number | null = null;
  let quiet: number | null = null;
  const last = () => segments.at(-1);
  const turn = (phase: Segment["phase"], at: number) => {
    const open = last();
    if (open && open.to === null) {
      if (open.phase === phase) return;
      open.to = at;
    }
    segments.push({ phase, from: at, to: null });
  };
  const end = (at: number) => {
    const open = last();
    if (open && open.to === null) open.to = at;
  };
  times.forEach((at, index) => {
    const fires = last()?.to === null && last()?.phase !== "pending";
    if (met[index]) {
      quiet = null;
      since ??= at;
      turn(fires || at - since >= holding.for_seconds * 1000 ? "firing" : "pending", at);
    } else {
      since = null;
      quiet ??= at;
      if (!fires || at - quiet >= holding.keep_firing_for_seconds * 1000) end(at);
      else turn("recovering", at);
    }
  });
  return segments;
}

/** How often it would have fired; what fires again while it recovers goes on firing. */
export function firingCount(segments: readonly Segment[]): number {
  return segments.filter(({ phase, from }, index) => {
    const before = segments[index - 1];
    return phase === "firing" && !(before?.phase === "recovering" && before.to === from);
  }).length;
}
