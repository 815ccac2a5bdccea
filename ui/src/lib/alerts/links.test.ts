import { describe, expect, it } from "vitest";
import { leads, type Asking } from "./links";

const RULE: Asking = { metric_type: "logs", query: "level:error", group_by: ["service"], window_minutes: 5 };
const ALERT = {
  labels: { service: "the shop" },
  context: {},
  triggered_at: "2026-11-23T10:00:00Z",
  evaluated_at: "2026-11-23T10:10:00Z",
};

describe("leads", () => {
  it("go to the logs of the window, narrowed down to the label set", () => {
    const [lead] = leads(RULE, ALERT);
    const url = new URL(lead?.href ?? "", "http://localhost");
    expect(url.pathname).toBe("/admin/logs");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      q: '(level:error) AND service:"the shop"',
      from: "2026-11-23T09:55:00.000Z",
      to: "2026-11-23T10:10:00.000Z",
    });
  });

  it("go to each trace that was counted, once", () => {
    const id = "0af7651916cd43dd8448eb211c80319c";
    const context = { trace_id: id, rows: [{ trace_id: id }, { trace_id: "<script>" }, null] };
    expect(leads({ ...RULE, metric_type: "llm_cost" }, { ...ALERT, context })).toEqual([
      { label: "Trace 0af76519", href: `/admin/traces/${id}` },
    ]);
  });
});
