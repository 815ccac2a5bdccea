import { describe, expect, it } from "vitest";
import type { Exemplar } from "#lib/api/schema";
import { spread } from "./exemplars";

const exemplar = (ms: number, value: number | null, stored = true): Exemplar => ({
  time: new Date(ms).toISOString(),
  value,
  trace_id: "a",
  span_id: "b",
  stored,
  attributes: {},
  service_name: "shop",
  labels: {},
});

describe("exemplars on a chart", () => {
  it("are the greatest of each part of the time, and lead somewhere", () => {
    const all = [exemplar(10, 1), exemplar(20, 3), exemplar(90, 2), exemplar(95, null), exemplar(60, 9, false)];
    expect(spread(all, { from: 0, to: 100 }, 2).map((one) => one.value)).toEqual([3, 2]);
  });
});
