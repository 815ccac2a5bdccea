import { describe, expect, it } from "vitest";
import { firingCount, firings } from "./firings";

/** A letter a minute, '1' where the condition holds: what becomes of it, as 'phase from-to'. */
function told(met: string, for_seconds = 0, keep_firing_for_seconds = 0): string[] {
  const times = [...met].map((_, minute) => minute * 60_000);
  const found = firings(
    times,
    [...met].map((one) => one === "1"),
    { for_seconds, keep_firing_for_seconds },
  );
  const minute = (time: number | null) => (time === null ? "" : time / 60_000);
  return found.map(({ phase, from, to }) => `${phase} ${minute(from)}-${minute(to)}`);
}

describe("firings", () => {
  it("begin and end with the condition", () => {
    expect(told("0110")).toEqual(["firing 1-3"]);
    expect(told("011")).toEqual(["firing 1-"]);
    expect(told("000")).toEqual([]);
  });

  it("are pending until the condition held long enough", () => {
    expect(told("01111", 120)).toEqual(["pending 1-3", "firing 3-"]);
    expect(told("0110", 120)).toEqual(["pending 1-3"]);
  });

  it("recover before they end, and go on where the condition holds again", () => {
    expect(told("110100000", 0, 120)).toEqual(["firing 0-2", "recovering 2-3", "firing 3-4", "recovering 4-6"]);
  });

  it("count once where they only recovered in between", () => {
    const times = [0, 1, 2, 3, 4, 5].map((minute) => minute * 60_000);
    const met = [true, false, true, false, false, true];
    expect(firingCount(firings(times, met, { for_seconds: 0, keep_firing_for_seconds: 60 }))).toBe(2);
  });
});
