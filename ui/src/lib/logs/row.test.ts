import { describe, expect, it } from "vitest";
import { newestFirst, renewed, together, type LogRow } from "./row";

const row = (id: string, second = 0): LogRow => ({
  id,
  timestamp: `2026-11-23T09:30:${String(second).padStart(2, "0")}+00:00`,
  level: "INFO",
  logger_name: "app",
  message: id,
  trace_id: null,
});
const rows = (ids: string) => [...ids].map((id) => row(id));
const ids = (list: readonly LogRow[] | null) => list?.map(({ id }) => id).join("");

describe("rows of logs", () => {
  it("are shown once, and no more than asked for", () => {
    expect(ids(together(rows("cd"), rows("abc")))).toBe("cdab");
    expect(ids(together(rows("cd"), rows("abc"), 3))).toBe("cda");
  });

  it("of a list read anew go before those that were there", () => {
    expect(ids(renewed(rows("yxab"), rows("abcdef")))).toBe("yxabcdef");
  });

  it("begin anew where something may be missing between", () => {
    expect(renewed(rows("xyz"), rows("abc"))).toBeNull();
    expect(renewed(rows("xyz"), [])).toBeNull();
  });

  it("that came together stand newest first, and of one moment the last to come first", () => {
    expect(ids(newestFirst([row("a", 1), row("c", 3), row("b", 2), row("d", 3)]))).toBe("dcba");
  });

  it("are told apart by their fractions", () => {
    const at = (id: string, fraction: string) => ({ ...row(id), timestamp: `2026-11-23T09:30:00${fraction}+00:00` });
    expect(ids(newestFirst([at("b", ".1"), at("a", ""), at("d", ".12"), at("c", ".101")]))).toBe("dcba");
  });
});
