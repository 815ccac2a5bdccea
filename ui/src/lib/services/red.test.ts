import { describe, expect, it } from "vitest";
import type { RedPoint } from "#lib/api/schema";
import { busiest, stepTimes, valuesAt } from "./red";

const minute = (number: number) => new Date(Date.UTC(2026, 10, 23, 9, number)).toISOString();
const point = (number: number, rate: number): RedPoint => ({
  time: minute(number),
  rate,
  errors: 1,
  error_rate: 0.5,
  mean_ms: 1,
  p50_ms: 1,
  p95_ms: 2,
  p99_ms: 3,
  spans: 2,
});

describe("figures over time", () => {
  it("have a value for each step, those without spans too", () => {
    const times = stepTimes(minute(30), minute(34), 60);
    expect(times.map((time) => new Date(time).getUTCMinutes())).toEqual([30, 31, 32, 33]);
    const points = [point(30, 0.1), point(32, 0.3)];
    expect(valuesAt(times, points, "rate")).toEqual([0.1, 0, 0.3, 0]);
    expect(valuesAt(times, points, "p95_ms")).toEqual([2, null, 2, null]);
  });

  it("are shown of the busiest", () => {
    const series = [1, 3, 2].map((points) => ({
      service_name: "shop",
      operation_name: `${points}`,
      kind: 2,
      counted: "spans",
      points: Array.from({ length: points }, (_, minute) => point(minute, 1)),
    }));
    expect(busiest(series, 2).map((one) => one.operation_name)).toEqual(["3", "2"]);
  });

  it("begin with the window where that begins within a step", () => {
    expect(stepTimes(minute(31), minute(34), 120).map((time) => new Date(time).getUTCMinutes())).toEqual([31, 32]);
  });
});
