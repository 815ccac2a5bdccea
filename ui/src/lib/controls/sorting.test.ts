import { describe, expect, it } from "vitest";
import { directionOf, sorted, turned } from "./sorting";

const ROWS = [
  { n: 2, name: "b" },
  { n: null, name: "a10" },
  { n: 10, name: "a9" },
];
const names = (order: string) => sorted(ROWS, order).map((row) => row.name);

describe("the order of a table", () => {
  it("is by number or by name, and nothing comes last", () => {
    expect(names("n")).toEqual(["b", "a9", "a10"]);
    expect(names("-n")).toEqual(["a9", "b", "a10"]);
    expect(names("name")).toEqual(["a9", "a10", "b"]);
  });

  it("turns with each click", () => {
    expect([turned("-n", "n", true), turned("n", "n", true), turned("n", "name", false)]).toEqual(["n", "-n", "name"]);
    expect([directionOf("-n", "n"), directionOf("n", "n"), directionOf("n", "name")]).toEqual(["desc", "asc", null]);
  });
});
