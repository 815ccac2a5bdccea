import { filterBy, narrowed } from "#lib/search/completion";
import { timeRange } from "#lib/time/range.svelte";

/** The page of a trace, at one of its spans where that is given. */
export function traceHref(traceId: string, spanId?: string): string {
  return timeRange.link(`/admin/traces/${encodeURIComponent(traceId)}${spanId ? `?span=${spanId}` : ""}`);
}

/** The traces with a value, or those without it. */
export function tracesWith(field: string, value: string, without = false): string {
  const condition = filterBy(field, value, without);
  return timeRange.link(`/admin/traces?${new URLSearchParams({ q: narrowed("", condition) })}`);
}

/** The logs of a trace, around a moment of it, with one of them open. */
export function logsHref(traceId: string, from: number, to: number, more: Record<string, string> = {}): string {
  const range = { from: new Date(from - MARGIN_MS).toISOString(), to: new Date(to + MARGIN_MS).toISOString() };
  return `/admin/logs?${new URLSearchParams({ trace: traceId, ...more, ...range })}`;
}

const MARGIN_MS = 60_000;
