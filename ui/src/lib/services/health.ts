/** How those that call something fare. */
export type Health = "good" | "fair" | "bad";

export const FAIR_ERRORS = 0.01;
export const BAD_ERRORS = 0.05;
export const FAIR_P95_MS = 1000;
export const BAD_P95_MS = 3000;

/** The worse of what its errors and its durations say. */
export function health({ error_rate, p95_ms }: { error_rate: number; p95_ms: number }): Health {
  if (error_rate >= BAD_ERRORS || p95_ms >= BAD_P95_MS) return "bad";
  return error_rate >= FAIR_ERRORS || p95_ms >= FAIR_P95_MS ? "fair" : "good";
}

export const HEALTH_COLORS = { good: "--completed", fair: "--in-progress", bad: "--error" } as const;
export const HEALTH_TEXT = {
  good: "fewer than 1% errors and p95 below 1 s",
  fair: "1% errors or p95 of 1 s and more",
  bad: "5% errors or p95 of 3 s and more",
} as const;
