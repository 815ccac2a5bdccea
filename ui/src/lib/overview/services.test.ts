import { expect, it } from "vitest";
import type { RedSeries, ServiceRed } from "#lib/api/schema";
import { sorted, steps } from "./services";

const service = (service_name: string, rate: number, error_rate: number) =>
  ({ service_name, rate, error_rate, errors: 0, p95_ms: rate }) as ServiceRed;

it("sorts names from A on and figures from the highest on", () => {
  const services = [service("b", 1, 0.5), service("a", 2, 0)];
  expect(sorted(services, "service", false).map((one) => one.service_name)).toEqual(["a", "b"]);
  expect(sorted(services, "errors", false).map((one) => one.service_name)).toEqual(["b", "a"]);
  expect(sorted(services, "errors", true).map((one) => one.service_name)).toEqual(["a", "b"]);
});

it("fills the steps in which nothing was", () => {
  const series = { points: [{ time: "2026-11-23T09:02:00+00:00", rate: 3 }] } as RedSeries;
  const time = { from: "2026-11-23T09:00:00+00:00", to: "2026-11-23T09:03:30+00:00", step_seconds: 60 };
  expect(steps(series, time, (point) => point.rate)).toEqual([0, 0, 3, 0]);
  expect(steps(undefined, time, (point) => point.rate, null)).toEqual([null, null, null, null]);
});
