/** A point of a scatter: a trace at its time with its duration, for one. */
export interface ScatterPoint {
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  value: number;
  color: `--${string}`;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A box between two corners, whichever way it was dragged. */
export function boxOf(x1: number, y1: number, x2: number, y2: number): Box {
  return { left: Math.min(x1, x2), top: Math.min(y1, y2), right: Math.max(x1, x2), bottom: Math.max(y1, y2) };
}

/** What lies in the box, as pairs of pixels and points. */
export function within<T extends { x: number; y: number }>(places: readonly T[], box: Box): T[] {
  return places.filter(({ x, y }) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
}

/** The nearest, if it is near enough. */
export function nearest<T extends { x: number; y: number }>(
  places: readonly T[],
  x: number,
  y: number,
  reach: number,
): T | null {
  let best: T | null = null;
  let least = reach * reach;
  for (const place of places) {
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance <= least) {
      best = place;
      least = distance;
    }
  }
  return best;
}
