import type { Outline } from "./outline";

/** A line of a minimap: where spans run, in pixels, at most one for each pixel of height. */
export interface MinimapLine {
  row: number;
  left: number;
  right: number;
  at: number;
}

/** At most `height` lines of the trace: of spans that share a line the longest is drawn, and those in error always. */
export function minimapLines(outline: Outline, width: number, height: number): MinimapLine[] {
  const lines = Math.max(Math.min(height, outline.count), 1);
  const longest = new Int32Array(lines).fill(-1);
  const chosen: number[] = [];
  for (let at = 0; at < outline.count; at += 1) {
    const line = Math.floor((at / outline.count) * lines);
    const best = longest[line] ?? -1;
    if (best < 0 || lasting(outline, at) > lasting(outline, best)) longest[line] = at;
    if (outline.failed[at]) chosen.push(at);
  }
  const scale = width / outline.length;
  return [...longest, ...chosen]
    .filter((at) => at >= 0)
    .map((at) => {
      const left = (outline.starts[at] ?? 0) * scale;
      return {
        row: (at / outline.count) * height,
        left,
        right: Math.max((outline.ends[at] ?? 0) * scale, left + 1),
        at,
      };
    });
}

function lasting(outline: Outline, at: number): number {
  return (outline.ends[at] ?? 0) - (outline.starts[at] ?? 0);
}
