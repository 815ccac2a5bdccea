import { describe, expect, it } from "vitest";
import { changeOf, EMPTY, fieldsOf, missing, newRule } from "./draft";
import { METRIC_TYPES } from "./metric_types";

describe("a draft", () => {
  it("leaves out what its metric type has no meaning for", () => {
    const draft = { ...EMPTY, metric_type: "memory_percent", query: "service:shop", custom_sql: "SELECT 1" };
    expect(fieldsOf(draft)).toMatchObject({ query: null, custom_sql: null, group_by: [] });
    expect(fieldsOf({ ...draft, metric_type: "custom_sql" })).toMatchObject({ query: null, custom_sql: "SELECT 1" });
  });

  it("has a whole of a ratio only", () => {
    const draft = { ...EMPTY, metric_type: "logs", of_query: "service:shop", aggregation: "ratio" };
    expect(fieldsOf(draft).of_query).toBe("service:shop");
    expect(fieldsOf({ ...draft, aggregation: "count" }).of_query).toBeNull();
  });

  it("becomes a rule with its name as people mean it", () => {
    expect(newRule({ ...EMPTY, name: " Errors " }).name).toBe("Errors");
  });

  it("says what is missing", () => {
    expect(missing({ ...EMPTY, threshold: null })).toEqual({
      name: "A name is needed",
      threshold: "A number is needed",
    });
    expect(missing({ ...EMPTY, name: "Errors" })).toEqual({});
  });
});

describe("a change", () => {
  const before = { ...EMPTY, name: "Errors", query: "service:shop", reminder_minutes: 5 };

  it("has what changed, and clears what became empty", () => {
    expect(changeOf({ ...before, threshold: 3, query: "", reminder_minutes: null }, before, 7)).toEqual({
      threshold: 3,
      clear: ["query", "reminder_minutes"],
      version: 7,
    });
  });

  it("of nothing is nothing", () => {
    expect(changeOf({ ...before }, before, 7)).toEqual({ clear: [], version: 7 });
  });
});

it("has each metric type once", () => {
  expect(new Set(METRIC_TYPES.map(({ value }) => value)).size).toBe(METRIC_TYPES.length);
});
