import { describe, expect, it } from "vitest";
import { asSearch, parameters } from "./view";

const NOTHING = { q: "", level: "" as const, trace: "", pattern: "" };

describe("what narrows the logs", () => {
  it("is sent where it is given", () => {
    expect(parameters(NOTHING)).toEqual({});
    expect(parameters({ ...NOTHING, level: "ERROR", trace: "ab" })).toEqual({ level: "ERROR", trace_id: "ab" });
  });

  it("is one search for the stream", () => {
    expect(asSearch(NOTHING)).toBe("");
    expect(asSearch({ ...NOTHING, q: " a OR b ", level: "ERROR", trace: "ab" })).toBe(
      "(a OR b) level:ERROR trace_id:ab",
    );
    expect(asSearch({ ...NOTHING, pattern: 'said "<*>"' })).toBe('pattern:"said \\"<*>\\""');
  });
});
