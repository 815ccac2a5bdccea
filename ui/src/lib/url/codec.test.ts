import { describe, expect, it } from "vitest";
import { decode, encode, flag, list, number, oneOf, text } from "./codec";

const SCHEMA = {
  q: text(),
  least: number(),
  wrap: flag(),
  columns: list(["time"]),
  tab: oneOf(["rows", "tree"], "rows"),
};
const decoded = (query: string) => decode(SCHEMA, new URLSearchParams(query));
const encoded = (query: string, changes: Parameters<typeof encode<typeof SCHEMA>>[2]) =>
  encode(SCHEMA, new URLSearchParams(query), changes).toString();

describe("the address of a view", () => {
  it("says nothing of what is as by default", () => {
    expect(decoded("")).toEqual({ q: "", least: null, wrap: false, columns: ["time"], tab: "rows" });
    expect(encoded("q=x&wrap=1", { q: "", wrap: false })).toBe("");
  });

  it("is read again as it was written", () => {
    const values = { q: "a & b=c", least: 1.5, wrap: true, columns: ["a,b", "50%", "%2C", ""], tab: "tree" as const };
    expect(decoded(encoded("", values))).toEqual(values);
  });

  it("can be mistyped without harm", () => {
    expect(decoded("least=many&wrap=yes&tab=other")).toEqual(decoded(""));
  });

  it("keeps the parameters of others", () => {
    expect(encoded("from=now-1h", { q: "x" })).toBe("from=now-1h&q=x");
  });

  it("can hold an empty list", () => {
    expect(decoded(encoded("", { columns: [] })).columns).toEqual([]);
  });
});
