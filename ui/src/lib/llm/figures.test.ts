import { describe, expect, it } from "vitest";
import { dollars, overTime } from "./figures";

describe("sums of money", () => {
  it.each([
    [0, "$0"],
    [0.00012345, "$0.00012"],
    [0.35, "$0.35"],
    [12.345, "$12.35"],
    [12345.6, "$12,346"],
    [null, "–"],
  ])("%s is %s", (value, text) => expect(dollars(value)).toBe(text));
});

describe("groups over time", () => {
  it("have a value for each step", () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 9, minute)).toISOString();
    const steps = [{ time: at(31), cost: 2 }];
    const summary = { from: at(30), to: at(33), step_seconds: 60, groups: [{ group: null, steps }] };
    const { times, series } = overTime(summary, (step) => step.cost, { nothing: 0 });
    expect(times).toHaveLength(3);
    expect(series).toEqual([{ label: "(none)", color: "--series-1", values: [0, 2, 0] }]);
    expect(overTime(summary, (step) => step.cost, { nothing: null }).series[0]?.values).toEqual([null, 2, null]);
  });
});
