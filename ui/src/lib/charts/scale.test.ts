import { describe, expect, it } from "vitest";
import { decades, linear, logarithmic, ticks } from "./scale";
import { timeTicks } from "./time_ticks";

describe("scales", () => {
  it("lead there and back", () => {
    for (const scale of [linear([10, 20], [0, 100]), logarithmic([10, 1000], [100, 0])]) {
      for (const value of [10, 12, 20]) expect(scale.value(scale.position(value))).toBeCloseTo(value, 9);
    }
  });

  it("stand what has no width", () => {
    expect(linear([5, 5], [0, 100]).position(5)).toBe(50);
    expect(logarithmic([1, 10], [0, 100]).position(0)).toBe(0);
  });
});

describe("ticks", () => {
  it("are round", () => {
    expect(ticks(0, 97, 5)).toEqual([0, 20, 40, 60, 80]);
    expect(ticks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticks(3, 3)).toEqual([3]);
    expect(decades(5, 2000)).toEqual([10, 100, 1000]);
  });

  it("are round in the zone of who looks", () => {
    const noon = Date.parse("2026-11-23T12:00:00Z");
    expect(timeTicks(noon + 1, noon + 3600e3, 4)).toEqual([15, 30, 45, 60].map((minute) => noon + minute * 60e3));
    expect(timeTicks(noon, noon + 2 * 86400e3, 2, 60)).toEqual([11, 35].map((hour) => noon + hour * 3600e3));
  });
});
