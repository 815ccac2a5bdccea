/** A time range as the address and the API have it: `now`, `now-15m` or ISO 8601. */
export interface Range {
  from: string;
  to: string;
}

/** Milliseconds since 1970. */
export interface Bounds {
  from: number;
  to: number;
}

export const NOW = "now";
export const DEFAULT: Range = { from: "now-1h", to: NOW };
export const PRESETS = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "3d", "7d"] as const;

const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };
const WORDS: Record<string, string> = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };
const RELATIVE = /^now(?:-(\d{1,9})([smhdw]))?$/;

/** The moment that a text stands for, null where it stands for none. */
export function moment(text: string, now: number): number | null {
  const match = RELATIVE.exec(text.trim());
  if (match) return now - Number(match[1] ?? 0) * (UNITS[match[2] ?? "s"] ?? 0);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** What the range covers; what cannot be read is as by default, and it never ends before it begins. */
export function boundsOf(range: Range, now: number): Bounds {
  const to = moment(range.to, now) ?? now;
  const from = moment(range.from, now) ?? to - 3600e3;
  return from < to ? { from, to } : { from: to - 60e3, to };
}

export function isRelative(range: Range): boolean {
  return range.to === NOW && RELATIVE.test(range.from);
}

/** A moment as it is typed into a field: relative, or fixed in the browser's zone; null where it is neither. */
export function typed(text: string, now: number): string | null {
  const entered = text.trim();
  if (RELATIVE.test(entered)) return entered;
  const at = moment(entered.replace(" ", "T"), now);
  return at === null ? null : new Date(at).toISOString();
}

/** A range of fixed times. They are widened to what a list by the millisecond can still tell apart. */
export function absolute({ from, to }: Bounds): Range {
  const first = Math.floor(from);
  return { from: new Date(first).toISOString(), to: new Date(Math.max(Math.ceil(to), first + 1)).toISOString() };
}

/** 'last 15 minutes' for a relative range, null for any other. */
export function lasting(range: Range): string | null {
  const match = range.to === NOW ? RELATIVE.exec(range.from) : null;
  if (!match?.[1]) return null;
  const [, count = "", unit = ""] = match;
  return count === "1" ? `last ${WORDS[unit]}` : `last ${count} ${WORDS[unit]}s`;
}

/** Twice as long, around the same middle, but not into the future. */
export function wider({ from, to }: Bounds, now: number): Bounds {
  const half = (to - from) / 2;
  const end = Math.min(to + half, Math.max(now, to));
  return { from: end - 4 * half, to: end };
}

/** As long, right before. */
export function earlier({ from, to }: Bounds): Bounds {
  return { from: from - (to - from), to: from };
}

/** As long, right after, but not into the future. */
export function later({ from, to }: Bounds, now: number): Bounds {
  const end = Math.min(to + (to - from), Math.max(now, to));
  return { from: end - (to - from), to: end };
}
