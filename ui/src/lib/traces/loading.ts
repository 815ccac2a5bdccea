import { answered, api } from "#lib/api/client";
import type { Log } from "#lib/api/schema";
import { outlineOf, type Outline } from "./outline/outline";

/** What is logged of a trace is sought so long before and after it. */
const PADDING_MS = 5 * 60_000;
const MOST_LOGS = 1000;

/** A whole trace, to draw it. */
export async function loadOutline(traceId: string, signal: AbortSignal): Promise<Outline> {
  const path = { trace_id: traceId };
  return outlineOf(
    await answered(api.GET("/api/observability/traces/{trace_id}/outline", { params: { path }, signal })),
  );
}

export interface TraceLogs {
  /** By time. */
  logs: Log[];
  /** There are others than these. */
  more: boolean;
}

/** The logs of a trace that began and ended so, in milliseconds. */
export async function loadLogs(traceId: string, from: number, to: number, signal: AbortSignal): Promise<TraceLogs> {
  const query = {
    trace_id: traceId,
    from: new Date(from - PADDING_MS).toISOString(),
    to: new Date(to + PADDING_MS).toISOString(),
    limit: MOST_LOGS,
  };
  const answer = await answered(api.GET("/api/observability/logs", { params: { query }, signal }));
  return { logs: answer.logs.toReversed(), more: answer.next_cursor !== null };
}
