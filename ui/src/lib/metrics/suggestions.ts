import { answered, api } from "#lib/api/client";
import { count } from "#lib/format/number";
import { escapedName, quoted, type Suggestion, type Target } from "#lib/search/completion";
import { timeRange } from "#lib/time/range.svelte";

const MOST = 12;
const OF_CATALOGUE = ["service", "metric.name", "metric.type", "metric.unit"];
const TYPES = ["gauge", "sum", "histogram", "exponential_histogram", "summary"];

/** For a search among all metrics. */
export async function ofCatalogue(target: Target, signal: AbortSignal): Promise<Suggestion[]> {
  if (target.kind === "field") return fields(OF_CATALOGUE, target.prefix);
  if (target.field === "metric.type") return values(TYPES, target.prefix);
  const query = { ...timeRange.query, limit: 1000 };
  const { metrics } = await answered(api.GET("/api/observability/metrics/catalogue", { params: { query }, signal }));
  const known: Record<string, string[]> = {
    service: metrics.flatMap((metric) => metric.services),
    "metric.name": metrics.map((metric) => metric.name),
    "metric.unit": metrics.map((metric) => metric.unit),
  };
  return values([...new Set(known[target.field] ?? [])], target.prefix);
}

/** For a search among the series of one metric. */
export function ofMetric(name: string): (target: Target, signal: AbortSignal) => Promise<Suggestion[]> {
  return async (target, signal) => {
    const query = { ...timeRange.query, name, values: 100 };
    const { attributes } = await answered(
      api.GET("/api/observability/metrics/attributes", { params: { query }, signal }),
    );
    if (target.kind === "field") {
      const notes = new Map(attributes.map((one) => [one.name, `${count(one.values)} values`]));
      return fields(["service", ...notes.keys()], target.prefix, notes);
    }
    const wanted = target.field === "service" ? "service.name" : target.field;
    const met = attributes.filter((one) => one.name === wanted || one.name === `resource.${wanted}`);
    return values(
      met.flatMap((one) => one.most.map(({ value }) => value)),
      target.prefix,
    );
  };
}

function fields(names: readonly string[], prefix: string, notes?: ReadonlyMap<string, string>): Suggestion[] {
  return [...new Set(begun(names, prefix))].map((name) => ({
    label: name,
    insert: `${escapedName(name)}:`,
    note: notes?.get(name) ?? "",
  }));
}

function values(known: readonly string[], prefix: string): Suggestion[] {
  return begun(known, prefix).map((value) => ({ label: value, insert: quoted(value), note: "" }));
}

function begun(names: readonly string[], prefix: string): string[] {
  return names.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase())).slice(0, MOST);
}
