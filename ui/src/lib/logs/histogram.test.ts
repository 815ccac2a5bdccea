import { describe, expect, it } from "vitest";
import { bars } from "./histogram";

const bucket = (minute: number, levels: Record<string, number>) => ({
  time: `2026-11-23T09:0${minute}:00+00:00`,
  levels,
});
const HISTOGRAM = {
  from: "2026-11-23T09:00:00+00:00",
  to: "2026-11-23T09:03:00+00:00",
  step_seconds: 60,
  buckets: [bucket(0, { ERROR: 2, INFO: 5, NOTICE: 1 }), bucket(1, {}), bucket(2, { INFO: 7 })],
};

describe("the histogram", () => {
  it("stands each level on less severe ones", () => {
    const { times, series } = bars(HISTOGRAM);
    expect(times).toHaveLength(3);
    expect(series.map(({ label, color, values }) => [label, color, values])).toEqual([
      ["INFO", "--level-info", [5, 0, 7]],
      ["ERROR", "--level-error", [2, 0, 0]],
      ["NOTICE", "--muted", [1, 0, 0]],
    ]);
  });

  it("begins with a step as long as all, though it was cut short", () => {
    const short = { ...HISTOGRAM, buckets: [{ ...bucket(0, {}), time: "2026-11-23T09:00:40+00:00" }, bucket(1, {})] };
    expect(bars(short).times).toEqual(bars(HISTOGRAM).times.slice(0, 2));
    expect(bars({ ...HISTOGRAM, buckets: [] }).times).toEqual([]);
  });

  it("shows one level, and the totals of all", () => {
    const { series, totals } = bars(HISTOGRAM, "ERROR");
    expect(series.map(({ label }) => label)).toEqual(["ERROR"]);
    expect(totals).toEqual([
      { level: "NOTICE", count: 1 },
      { level: "ERROR", count: 2 },
      { level: "INFO", count: 12 },
    ]);
  });
});
