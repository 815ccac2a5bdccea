import { describe, expect, it } from "vitest";
import { fieldsOf, searchName } from "./fields";

const LOG = {
  id: "0198f0a2-5b1c-7000-8000-000000000001",
  timestamp: "2026-11-23T09:30:00+00:00",
  level: "INFO",
  logger_name: "shop.chat",
  message: "hello",
  trace_id: null,
  span_id: null,
  user_email: null,
  department: null,
  session_id: null,
  endpoint: null,
  extra: { "user.name": "ann", level: "high", nested: { a: 1 }, ok: false, empty: "" },
  exception_type: null,
  exception_message: null,
  service_name: "shop",
  severity_number: 0,
  severity_text: null,
  event_name: null,
  body: null,
  observed_time: null,
  resource_attributes: { "host.name": "a1" },
  scope_name: null,
  scope_version: null,
  exception_traceback: null,
  timestamp_nanos: 0,
  observed_nanos: null,
  flags: null,
  dropped_attributes_count: null,
};

describe("the fields of a log", () => {
  const groups = fieldsOf(LOG);
  const field = (name: string) => groups.flatMap(({ fields }) => fields).find((one) => one.name === name)?.field;

  it("stand in groups, and only those it has", () => {
    expect(groups.map(({ title, fields }) => [title, fields.map(({ name }) => name)])).toEqual([
      ["Log", ["Level", "Service", "Logger", "Id"]],
      ["Attributes", ["empty", "level", "nested", "ok", "user.name"]],
      ["Resource", ["host.name"]],
    ]);
  });

  it("are searched by names that mean no other field", () => {
    expect(["level", "user.name", "host.name"].map(field)).toEqual([
      "attributes.level",
      "user.name",
      "resource.host.name",
    ]);
    expect(searchName("resource.x", "")).toBe("attributes.resource.x");
  });

  it("are not searched by what has no single value", () => {
    expect(["nested", "empty"].map(field)).toEqual([null, null]);
    expect(field("ok")).toBe("ok");
  });
});
