import { describe, expect, it } from "vitest";
import { labelOf, lanes, type Told } from "./timeline";

const BOUNDS = { from: 0, to: 100_000 };
const told = (second: number, event: string, fingerprint = "", labels: unknown = {}): Told => ({
  at: new Date(second * 1000).toISOString(),
  event,
  fingerprint,
  labels,
});

describe("lanes", () => {
  it("follow each other, whatever the order of the events", () => {
    const [lane] = lanes([told(30, "resolved"), told(10, "pending"), told(20, "firing"), told(21, "told")], BOUNDS);
    expect(lane?.segments).toEqual([
      { phase: "pending", from: 10_000, to: 20_000 },
      { phase: "firing", from: 20_000, to: 30_000 },
    ]);
  });

  it("last on where nothing ends them", () => {
    expect(lanes([told(10, "firing")], BOUNDS)[0]?.segments).toEqual([{ phase: "firing", from: 10_000, to: null }]);
  });

  it("begin before the first event where that is an end", () => {
    expect(lanes([told(10, "resolved")], BOUNDS)[0]?.segments).toEqual([{ phase: "firing", from: 0, to: 10_000 }]);
    expect(lanes([told(10, "still_firing")], BOUNDS)[0]?.segments[0]).toEqual({
      phase: "recovering",
      from: 0,
      to: 10_000,
    });
  });

  it("are one for each label set", () => {
    const found = lanes(
      [told(1, "firing", "a", { service: "shop" }), told(2, "firing", "b", { service: "pay" })],
      BOUNDS,
    );
    expect(found.map((lane) => lane.label)).toEqual(["service=shop", "service=pay"]);
  });
});

it("names a set without labels", () => {
  expect(labelOf({})).toBe("all");
  expect(labelOf(null)).toBe("all");
});
