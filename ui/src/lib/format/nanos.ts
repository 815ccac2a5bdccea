/**
 * Nanoseconds since 1970 of an ISO time with its microseconds, and what lies below them. Dates of JavaScript end at the
 * millisecond, so everything that is compared or laid out by nanoseconds goes through here.
 */
export function nanosOf(iso: string, below: number | null = 0): bigint {
  const fraction = /\.(\d{1,9})/.exec(iso)?.[1] ?? "";
  const whole = Date.parse(fraction ? iso.replace(`.${fraction}`, "") : iso);
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(9, "0")) + BigInt(below ?? 0);
}

/** Milliseconds, with their fraction. */
export function toMs(nanos: bigint): number {
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}
