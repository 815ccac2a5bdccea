import { describe, expect, it } from "vitest";
import { duration, milliseconds } from "./duration";
import { visible } from "./id";
import { ago, moment, short } from "./moment";
import { nanosOf, toMs } from "./nanos";
import { bytes, percent, rate } from "./number";

describe("durations", () => {
  it.each([
    [0, "0ns"],
    [999, "999ns"],
    [1500, "1.5µs"],
    [850e6, "850ms"],
    [12.345e6, "12.3ms"],
    [999.6e6, "1.00s"],
    [1.23e9, "1.23s"],
    [59.999e9, "1m"],
    [245e9, "4m 5s"],
    [3599.9e9, "1h"],
    [90000e9, "1d 1h"],
    [-5e6, "−5ms"],
  ])("%d ns is %s", (nanos, text) => {
    expect(duration(nanos)).toBe(text);
  });

  it("may be missing", () => {
    expect(milliseconds(null)).toBe("–");
    expect(milliseconds(850)).toBe("850ms");
  });
});

describe("nanoseconds", () => {
  it("are kept where a date would lose them", () => {
    const nanos = nanosOf("2026-11-23T09:30:00.123456+00:00", 789);
    expect(nanos).toBe(1795426200123456789n);
    expect(toMs(nanos - nanosOf("2026-11-23T09:30:00Z"))).toBeCloseTo(123.456789, 6);
  });
});

describe("moments", () => {
  it("keep their microseconds", () => {
    expect(moment("2026-11-23T09:30:00.123456")).toBe("2026-11-23 09:30:00.123456");
  });

  it("are short today", () => {
    const now = new Date("2026-11-23T12:00:00");
    expect(short("2026-11-23T09:30:00.5", now)).toBe("09:30:00.500");
    expect(short("2026-11-22T09:30:00.5", now)).toBe("11-22 09:30:00.500");
    expect(short("2025-11-22T09:30:00", now)).toBe("2025-11-22 09:30:00.000");
  });

  it("were some time ago", () => {
    expect(ago("2026-11-23T09:30:00Z", Date.parse("2026-11-23T11:31:00Z"))).toBe("2 hours ago");
  });
});

describe("numbers", () => {
  it("have units", () => {
    expect([bytes(0), bytes(1536), bytes(5e9)]).toEqual(["0 B", "1.5 KiB", "4.66 GiB"]);
    expect([percent(12.5), percent(0.001), percent(0)]).toEqual(["12.5%", "<0.01%", "0%"]);
    expect([rate(1234), rate(0.05), rate(0.0005)]).toEqual(["1.23K/s", "3/min", "1.8/h"]);
  });
});

describe("foreign text", () => {
  it("shows its control characters", () => {
    expect(visible("a\u0000b\u202ec\td\ne")).toBe("a␀b\\u202ec\td\ne");
  });
});
