import { answered, api } from "#lib/api/client";
import { compact } from "#lib/format/number";
import { timeRange } from "#lib/time/range.svelte";
import { escapedName, quoted, type Suggestion, type Target } from "./completion";

export type Signal = "logs" | "spans" | "traces" | "metrics";

const MOST = 12;

/** What the API knows to complete a target with, the most seen first. */
export async function suggestions(
  signal: Exclude<Signal, "metrics">,
  target: Target,
  abort: AbortSignal,
): Promise<Suggestion[]> {
  const query = { ...timeRange.query, signal, prefix: target.prefix, limit: MOST };
  if (target.kind === "field") {
    const { fields } = await answered(api.GET("/api/observability/fields", { params: { query }, signal: abort }));
    return fields.map(({ name, types, seen }) => ({
      label: name,
      insert: `${escapedName(name)}:`,
      note: seen ? `${types.join(", ")} · ${compact(seen)}` : types.join(", "),
    }));
  }
  const { values } = await answered(
    api.GET("/api/observability/fields/{name}/values", {
      params: { path: { name: target.field }, query },
      signal: abort,
    }),
  );
  return values.map(({ value, seen }) => ({
    label: String(value),
    insert: quoted(String(value)),
    note: seen ? compact(seen) : "",
  }));
}
