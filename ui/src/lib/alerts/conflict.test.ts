import { describe, expect, it } from "vitest";
import { differences, merged, same, shown } from "./conflict";

const NAMES = ["threshold", "severity", "labels"];
const before = { threshold: 10, severity: "warning", labels: { a: "1", b: "2" }, version: 1 };
const now = { threshold: 20, severity: "warning", labels: { b: "2", a: "1" }, version: 2 };

describe("a conflict", () => {
  it("tells what changed meanwhile, and what both changed", () => {
    const mine = { ...before, threshold: 30, severity: "critical" };
    expect(differences(NAMES, before, now, mine)).toEqual([
      { field: "threshold", before: 10, now: 20, mine: 30, clashes: true },
    ]);
    expect(differences(NAMES, before, now, before)[0]?.clashes).toBe(false);
    expect(differences(NAMES, before, now, { ...before, threshold: 20 })[0]?.clashes).toBe(false);
  });

  it("is mended by putting what the form changed on top of what is there", () => {
    expect(merged(NAMES, before, now, { ...before, severity: "critical" })).toEqual({ ...now, severity: "critical" });
  });
});

it("compares by value", () => {
  expect(same({ a: 1, b: [1] }, { b: [1], a: 1 })).toBe(true);
  expect(same(null, undefined)).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
});

it("reads as people do", () => {
  expect([null, "", [], true, ["a", "b"], { a: 1 }, 0].map(shown)).toEqual([
    "none",
    "none",
    "none",
    "on",
    "a, b",
    '{"a":1}',
    "0",
  ]);
});
