import { describe, expect, it } from "vitest";
import { example } from "./example";
import { frames } from "./flame";
import { minimapLines } from "./minimap";
import { ancestors } from "./outline";
import { foldedFrom, matching, neighbour, unfoldedTo, visibleRows } from "./rows";
import { byMeasure, operations } from "./statistics";

const CHAT = example([
  { name: "root", depth: 0, start: 0, duration: 100, selfTime: 20 },
  { name: "rag", depth: 1, start: 10, duration: 30, selfTime: 10, service: "store" },
  { name: "embed", depth: 2, start: 10, duration: 10 },
  { name: "embed", depth: 2, start: 20, duration: 10, failed: true },
  { name: "LLM", depth: 1, start: 45, duration: null, selfTime: 50 },
]);

describe("an outline", () => {
  it("knows what is above and below", () => {
    expect([...CHAT.parents]).toEqual([-1, 0, 1, 1, 0]);
    expect([...CHAT.descendants]).toEqual([4, 2, 0, 0, 0]);
    expect([...CHAT.errorsBelow]).toEqual([1, 1, 0, 0, 0]);
    expect(ancestors(CHAT, 3)).toEqual([1, 0]);
  });

  it("draws what is in progress to the latest time known", () => {
    expect(CHAT.length).toBe(100);
    expect(CHAT.ends[4]).toBe(100);
  });
});

describe("rows", () => {
  it("leave out what is folded", () => {
    expect(visibleRows(CHAT, new Set())).toEqual([0, 1, 2, 3, 4]);
    expect(visibleRows(CHAT, new Set([1]))).toEqual([0, 1, 4]);
    expect(visibleRows(CHAT, new Set([0, 1]))).toEqual([0]);
  });

  it("are folded from a depth on, and unfolded to a span", () => {
    const folded = foldedFrom(CHAT, 0);
    expect([...folded]).toEqual([0, 1]);
    expect([...unfoldedTo(CHAT, folded, 2)]).toEqual([]);
    expect([...unfoldedTo(CHAT, folded, 1)]).toEqual([1]);
    expect(unfoldedTo(CHAT, folded, 0)).toBe(folded);
  });

  it("are found by name, service and id", () => {
    expect(matching(CHAT, "llm")).toEqual([4]);
    expect(matching(CHAT, "store")).toEqual([1]);
    expect(matching(CHAT, "id3")).toEqual([3]);
    expect(matching(CHAT, "  ")).toEqual([]);
  });

  it("are gone through in a circle", () => {
    expect(neighbour([1, 3], 1, 1)).toBe(3);
    expect(neighbour([1, 3], 3, 1)).toBe(1);
    expect(neighbour([1, 3], 1, -1)).toBe(3);
    expect(neighbour([], 0, 1)).toBe(null);
  });
});

describe("a flame graph", () => {
  it("adds spans up by the way to them", () => {
    const found = frames(CHAT).map(({ name, depth, spans, total, left, width, failed }) => [
      CHAT.names[name],
      depth,
      spans,
      total,
      left,
      width,
      failed,
    ]);
    expect(found).toEqual([
      ["root", 0, 1, 100, 0, 1, 0],
      ["rag", 1, 1, 30, 0.5, 0.3, 0],
      ["embed", 2, 2, 20, 0.5, 0.2, 1],
      ["LLM", 1, 1, 50, 0, 0.5, 0],
    ]);
  });
});

describe("a table of operations", () => {
  it("sums by service and name, the most first", () => {
    const rows = byMeasure(operations(CHAT), "count", false);
    expect(CHAT.names[rows[0]?.name ?? 0]).toBe("embed");
    expect(rows[0]).toMatchObject({ count: 2, errors: 1, total: 20, average: 10, longest: 10, example: 2 });
    expect(byMeasure(rows, "total", true)[0]).toMatchObject({ total: 20 });
  });
});

describe("a minimap", () => {
  it("has no more lines than pixels, but every error", () => {
    const lines = minimapLines(CHAT, 200, 2);
    expect(lines.map(({ at }) => at)).toEqual([0, 4, 3]);
    expect(lines[0]).toMatchObject({ row: 0, left: 0, right: 200 });
  });
});
