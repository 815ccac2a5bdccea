import { describe, expect, it } from "vitest";
import { absolute, boundsOf, earlier, isRelative, lasting, later, moment, typed, wider } from "./range";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3600e3;

describe("a moment", () => {
  it("is relative to now or fixed", () => {
    expect(moment("now", NOW)).toBe(NOW);
    expect(moment("now-15m", NOW)).toBe(NOW - HOUR / 4);
    expect(moment("2026-11-23T11:00:00+00:00", NOW)).toBe(NOW - HOUR);
  });

  it.each(["", "now-", "now-5y", "yesterday"])("is not %j", (text) => {
    expect(moment(text, NOW)).toBeNull();
  });
});

describe("a typed moment", () => {
  it("stays relative, or is fixed in the browser's zone", () => {
    expect(typed(" now-2h ", NOW)).toBe("now-2h");
    expect(typed("2026-11-23 11:00:00", NOW)).toBe(new Date(2026, 10, 23, 11).toISOString());
    expect(typed("half past", NOW)).toBeNull();
  });
});

describe("a range", () => {
  it("has bounds", () => {
    expect(boundsOf({ from: "now-2h", to: "now-1h" }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW - HOUR });
  });

  it("never ends before it begins, nor is undone by a typo", () => {
    expect(boundsOf({ from: "now", to: "now-1h" }, NOW)).toEqual({ from: NOW - HOUR - 60e3, to: NOW - HOUR });
    expect(boundsOf({ from: "x", to: "y" }, NOW)).toEqual({ from: NOW - HOUR, to: NOW });
  });

  it("is named where it is relative", () => {
    expect(lasting({ from: "now-15m", to: "now" })).toBe("last 15 minutes");
    expect(lasting({ from: "now-1h", to: "now" })).toBe("last hour");
    expect(lasting({ from: "now-2h", to: "now-1h" })).toBeNull();
    expect(isRelative({ from: "2026-11-23T11:00:00Z", to: "now" })).toBe(false);
  });

  it("is not empty, however little was dragged over", () => {
    expect(absolute({ from: NOW + 0.2, to: NOW + 0.3 })).toEqual({
      from: "2026-11-23T12:00:00.000Z",
      to: "2026-11-23T12:00:00.001Z",
    });
  });

  it("moves and widens, but not into the future", () => {
    const range = { from: NOW - 2 * HOUR, to: NOW - HOUR };
    expect(earlier(range)).toEqual({ from: NOW - 3 * HOUR, to: NOW - 2 * HOUR });
    expect(later(later(range, NOW), NOW)).toEqual({ from: NOW - HOUR, to: NOW });
    expect(wider(range, NOW)).toEqual({ from: NOW - 2.5 * HOUR, to: NOW - HOUR / 2 });
    expect(wider({ from: NOW - HOUR, to: NOW }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  });
});
