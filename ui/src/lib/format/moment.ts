const two = (value: number) => String(value).padStart(2, "0");

/** '14:03:27.123456', in the browser's zone, with as many digits as the ISO text has, six at most. */
export function timeOfDay(iso: string): string {
  const fraction = /\.(\d{1,6})/.exec(iso)?.[1] ?? "";
  return `${clock(new Date(iso))}.${fraction.padEnd(3, "0")}`;
}

/** '2026-11-23 14:03:27.123456' */
export function moment(iso: string): string {
  return `${day(new Date(iso))} ${timeOfDay(iso)}`;
}

/** '14:03:27.123' today, '11-22 14:03:27.123' this year, with the year else. */
export function short(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = timeOfDay(iso).slice(0, 12);
  if (day(date) === day(now)) return time;
  return `${date.getFullYear() === now.getFullYear() ? day(date).slice(5) : day(date)} ${time}`;
}

/** '2026-11-23 14:03:27' for milliseconds since 1970. */
export function second(ms: number): string {
  const date = new Date(ms);
  return `${day(date)} ${clock(date)}`;
}

/** '2026-11-23' */
export function date(iso: string): string {
  return day(new Date(iso));
}

/** '3 minutes ago' */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (seconds < 5) return "just now";
  for (const [unit, length] of [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ] as const) {
    const whole = Math.floor(seconds / length);
    if (whole >= 1) return `${whole} ${unit}${whole === 1 ? "" : "s"} ago`;
  }
  return `${seconds} seconds ago`;
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
