const MS = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** '850ms', '1.23s', '4m 5s' for nanoseconds; '–' where there are none. */
export function duration(nanos: number | bigint | null | undefined): string {
  if (nanos === null || nanos === undefined) return "–";
  const value = Number(nanos);
  if (value < 0) return `−${duration(-value)}`;
  if (value < 1000) return `${Math.round(value)}ns`;
  if (value < MS) return `${digits(value / 1000)}µs`;
  if (value < 999.5 * MS) return `${value < 100 * MS ? digits(value / MS) : Math.round(value / MS)}ms`;
  if (value < MINUTE - SECOND / 200) return `${(value / SECOND).toFixed(2)}s`;
  if (value < HOUR - SECOND / 2) return two(value, MINUTE, "m", SECOND, "s");
  if (value < DAY - MINUTE / 2) return two(value, HOUR, "h", MINUTE, "m");
  return two(value, DAY, "d", HOUR, "h");
}

/** The same for milliseconds, as most answers have them. */
export function milliseconds(ms: number | null | undefined): string {
  return duration(ms === null || ms === undefined ? null : ms * MS);
}

/** Three significant digits, without zeros at the end. */
function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function two(value: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const parts = Math.round(value / small);
  const rest = parts % (big / small);
  return `${Math.floor(parts / (big / small))}${bigUnit}${rest ? ` ${rest}${smallUnit}` : ""}`;
}
