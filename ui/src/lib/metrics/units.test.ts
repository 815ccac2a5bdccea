import { describe, expect, it } from "vitest";
import { formatOf, unitName } from "./units";

describe("values of metrics", () => {
  it.each([
    ["s", "p95", 0.25, "250ms"],
    ["ms", "avg", 1500, "1.50s"],
    ["By", "avg", 1536, "1.5 KiB"],
    ["By", "rate", 1024, "1 KiB/s"],
    ["{item}", "rate", 3, "3/s"],
    ["s", "count", 1200, "1.2K"],
    ["%", "last", 12.345678, "12.35%"],
    ["1", "sum", 1234567, "1.23M"],
  ])("in %s by %s: %d is %s", (unit, aggregation, value, text) => {
    expect(formatOf(unit, aggregation)(value)).toBe(text);
  });

  it("count observations where a histogram grows", () => {
    expect(formatOf("s", "rate", "histogram")(3)).toBe("3/s");
    expect(formatOf("s", "increase", "histogram")(1200)).toBe("1.2K");
    expect(formatOf("s", "rate", "sum")(0.5)).toBe("500ms/s");
  });

  it("have units without braces", () => {
    expect([unitName("{item}"), unitName("1"), unitName("By/s")]).toEqual(["item", "", "By/s"]);
  });
});
