import { expect, it } from "vitest";
import { boxOf, nearest, within } from "./scatter";

const PLACES = [
  { id: "a", x: 10, y: 10 },
  { id: "b", x: 20, y: 20 },
];

it("a drag in any direction picks what lies in it", () => {
  expect(within(PLACES, boxOf(25, 25, 15, 15)).map((place) => place.id)).toEqual(["b"]);
  expect(within(PLACES, boxOf(0, 0, 30, 30))).toHaveLength(2);
});

it("the nearest point within reach is met", () => {
  expect(nearest(PLACES, 12, 11, 8)?.id).toBe("a");
  expect(nearest(PLACES, 40, 40, 8)).toBeNull();
});
