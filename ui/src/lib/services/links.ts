import { filterBy } from "#lib/search/completion";
import { timeRange } from "#lib/time/range.svelte";

/** Other pages about one service, or one of its operations, with the same time. */
export function servicePath(service: string): string {
  return `/admin/services/${encodeURIComponent(service)}`;
}

export function serviceLink(service: string): string {
  return timeRange.link(servicePath(service));
}

export function tracesLink(...conditions: string[]): string {
  return timeRange.link(`/admin/traces?q=${encodeURIComponent(conditions.join(" "))}`);
}

export function logsLink(...conditions: string[]): string {
  return timeRange.link(`/admin/logs?q=${encodeURIComponent(conditions.join(" "))}`);
}

export function alertsLink(service: string): string {
  return timeRange.link(`/admin/alerts?find=${encodeURIComponent(service)}`);
}

export function traceLink(trace: string, span?: string | null): string {
  return timeRange.link(`/admin/traces/${trace}${span ? `?span=${span}` : ""}`);
}

export const ofService = (service: string) => filterBy("service", service);
