import { describe, expect, it } from "vitest";
import { complete, filterBy, narrowed, quoted, targetAt } from "./completion";

const at = (marked: string) => {
  const cursor = marked.indexOf("|");
  return targetAt(marked.replace("|", ""), cursor);
};

describe("what the cursor stands in", () => {
  it.each([
    ["|", "field", "", ""],
    ["ser|", "field", "", "ser"],
    ["status:error -na|me", "field", "", "na"],
    ["service:|", "value", "service", ""],
    ["(service:sh|op)", "value", "service", "sh"],
    ['service:"my sh|op"', "value", "service", "my sh"],
    ["odd\\:name:x|", "value", "odd:name", "x"],
  ])("%s", (marked, kind, field, prefix) => {
    expect(at(marked)).toMatchObject({ kind, field, prefix });
  });

  it.each(['"a phr|ase"', "duration:>5|", "time:[a TO b|]"])("%s is nothing to complete", (marked) => {
    const target = at(marked);
    expect(target === null || target.kind === "field").toBe(true);
  });
});

describe("completing", () => {
  it("goes on behind a value, and within a field", () => {
    const value = at("service:sh|op x");
    expect(value && complete("service:shop x", value, "shop-2")).toEqual({ text: "service:shop-2 x", cursor: 15 });
    const last = at("service:|");
    expect(last && complete("service:", last, "shop")).toEqual({ text: "service:shop ", cursor: 13 });
    const field = at("ser|");
    expect(field && complete("ser", field, "service:")).toEqual({ text: "service:", cursor: 8 });
  });

  it("quotes what would not be one value", () => {
    expect(quoted("shop-1.x")).toBe("shop-1.x");
    expect(quoted("GET /a b")).toBe('"GET /a b"');
    expect(quoted('say "x" \\')).toBe('"say \\"x\\" \\\\"');
    expect(quoted("OR")).toBe('"OR"');
    expect(quoted("")).toBe('""');
  });
});

describe("filtering by a value", () => {
  it("adds a condition once", () => {
    expect(filterBy("http.route", "/a/{id}", true)).toBe('-http.route:"/a/{id}"');
    expect(narrowed("", "a:b")).toBe("a:b");
    expect(narrowed("x a:b", "a:b")).toBe("x a:b");
    expect(narrowed("x OR y", "a:b")).toBe("(x OR y) a:b");
  });
});
