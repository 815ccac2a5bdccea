const STEPS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 604800,
];

/** Round times between two, in milliseconds, at most `most`; round in the zone with this offset in minutes. */
export function timeTicks(from: number, to: number, most: number, offsetMinutes = 0): number[] {
  const step = 1000 * (STEPS_S.find((seconds) => (to - from) / (seconds * 1000) <= most) ?? 604800);
  const shift = offsetMinutes * 60e3;
  const first = Math.ceil((from + shift) / step) * step - shift;
  const found: number[] = [];
  for (let at = first; at <= to; at += step) found.push(at);
  return found;
}

/** As short as the distance between the ticks allows. */
export function tickText(ms: number, step: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  if (step >= 86400e3) return day;
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 60e3) return date.getHours() === 0 && date.getMinutes() === 0 ? day : minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  return step >= 1000 ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
