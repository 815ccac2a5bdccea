import { describe, expect, it } from "vitest";
import { bars, quantile } from "./histogram";

const bucket = (number: number, spans: number) => ({
  from_ms: 1.04 ** (number - 1),
  to_ms: 1.04 ** number,
  spans,
});

describe("the bars of a histogram", () => {
  it("hold every span once, however wide they are", () => {
    const buckets = [bucket(10, 3), bucket(11, 1), bucket(40, 5), bucket(90, 2)];
    for (const most of [4, 10, 81, 500]) {
      const drawn = bars(buckets, most);
      expect(drawn.length).toBeLessThanOrEqual(Math.min(most, 81));
      expect(drawn.reduce((sum, bar) => sum + bar.spans, 0)).toBe(11);
      expect(drawn[0]?.spans).toBeGreaterThanOrEqual(3);
      expect(drawn.at(-1)?.spans).toBeGreaterThanOrEqual(2);
    }
  });

  it("are none of nothing, and one of one", () => {
    expect(bars([], 10)).toEqual([]);
    expect(bars([{ from_ms: 0, to_ms: 0.001, spans: 7 }], 10).map((bar) => bar.spans)).toEqual([7]);
  });

  it("say where most of them lie", () => {
    expect(quantile([bucket(1, 90), bucket(50, 10)], 0.5)).toBe(1.04);
    expect(quantile([bucket(1, 90), bucket(50, 10)], 0.95)).toBe(1.04 ** 50);
    expect(quantile([], 0.5)).toBeNull();
  });
});
