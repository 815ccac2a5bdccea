import { describe, expect, it } from "vitest";
import { columnOf, columnsOf } from "./columns";
import type { LogRow } from "./row";

const ROW: LogRow = {
  id: "1",
  timestamp: "2026-11-23T09:30:00+00:00",
  level: "INFO",
  logger_name: "shop.chat",
  message: "hello",
  trace_id: null,
  extra: { tokens: 3, user: { name: "ann" }, model: "m", nothing: null },
};
const values = (...names: string[]) => columnsOf(names).map((column) => column.value(ROW));

describe("columns", () => {
  it("stand in their own order, attributes before the trace", () => {
    expect(columnsOf(["trace", "tokens", "message", "time"]).map(({ name }) => name)).toEqual([
      "time",
      "message",
      "tokens",
      "trace",
    ]);
  });

  it("show attributes of any type", () => {
    expect(values(...["tokens", "model", "user"].map(columnOf))).toEqual(["3", "m", '{"name":"ann"}']);
  });

  it("show nothing of what a log has not", () => {
    expect(values("nothing", "toString", "trace", "service")).toEqual([null, null, null, null]);
  });

  it("fill the width without the message too", () => {
    expect(columnsOf(["time", "level"]).at(-1)?.width).toBe("minmax(82px, 1fr)");
  });
});
