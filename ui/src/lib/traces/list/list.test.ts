import { describe, expect, it } from "vitest";
import type { Trace } from "#lib/api/schema";
import { chosenColumns, toggled } from "./columns";
import { parts, renewed } from "./merging";
import { has, lastingBetween, parameters, switched } from "./view";

const trace = (trace_id: string, second: number, status = "completed") =>
  ({ trace_id, start_time: `2026-11-23T12:00:0${second}Z`, status }) as Trace;

describe("filters", () => {
  it("leave out what is not given", () => {
    expect(parameters({ q: "", status: "", min_duration_ms: null })).toEqual({});
    expect(parameters({ q: "a", status: "error", min_duration_ms: 0 })).toEqual({
      q: "a",
      status: "error",
      min_duration_ms: 0,
    });
  });

  it("are switched on and off in the search", () => {
    const narrowed = switched("status:error", "service", "my shop");
    expect(narrowed).toBe('status:error service:"my shop"');
    expect(has(narrowed, 'service:"my shop"')).toBe(true);
    expect(switched(narrowed, "service", "my shop")).toBe("status:error");
  });

  it("take one range of durations", () => {
    const once = lastingBetween("a", [10.1234, 2000]);
    expect(once).toBe("a trace.duration:[10.12ms TO 2000ms]");
    expect(lastingBetween(once, [1, 2])).toBe("a trace.duration:[1ms TO 2ms]");
  });
});

describe("columns", () => {
  it("have an order, and never are none", () => {
    expect(toggled(["endpoint", "time"], "duration")).toEqual(["endpoint", "duration", "time"]);
    expect(toggled(["time"], "time")).toEqual(["time"]);
    expect(chosenColumns(["nothing"])).toEqual([]);
  });
});

describe("a refreshed list", () => {
  it("keeps what was loaded further down", () => {
    const before = [trace("b", 4), trace("a", 3), trace("9", 1)];
    const now = renewed([trace("c", 5), trace("b", 4, "error"), trace("a", 3)], before);
    expect(now.map(({ trace_id }) => trace_id)).toEqual(["c", "b", "a", "9"]);
    expect(now[1]?.status).toBe("error");
    expect(renewed([], before)).toEqual([]);
  });
});

describe("parts of a time", () => {
  it("lie side by side and cover it", () => {
    const found = parts(0, 1000.5, 3);
    expect(found[0]?.from).toBe("1970-01-01T00:00:00.000Z");
    expect(found[2]?.to).toBe("1970-01-01T00:00:01.001Z");
    expect(found[1]?.from).toBe(found[0]?.to);
  });
});
