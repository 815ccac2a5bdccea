import { expect, it } from "vitest";
import { sparkPath } from "./sparkline";

it("runs from left to right, the highest value at the top", () => {
  expect(sparkPath([0, 5, 10], 20, 12)).toBe("M0 11L10 6L20 1");
});

it("has gaps", () => {
  expect(sparkPath([1, null, 1], 20, 12)).toBe("M0 1M20 1");
});

it("lies low without anything", () => {
  expect(sparkPath([0, 0], 20, 12)).toBe("M0 11L20 11");
});
