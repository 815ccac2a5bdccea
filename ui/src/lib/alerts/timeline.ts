import type { Bounds } from "#lib/time/range";

export type Phase = "pending" | "firing" | "recovering";

/** A time during which one label set was in a phase; `to` is null while it lasts. */
export interface Segment {
  phase: Phase;
  from: number;
  to: number | null;
}

export interface Lane {
  /** Of the labels. */
  key: string;
  label: string;
  segments: Segment[];
}

export interface Told {
  at: string;
  event: string;
  fingerprint: string;
  labels: unknown;
  detail?: unknown;
}

const BEGINS: Record<string, Phase> = {
  pending: "pending",
  firing: "firing",
  recovering: "recovering",
  still_firing: "firing",
};
const ENDS: readonly string[] = ["resolved", "inactive"];
// What was before, where the first that is told of is an end or a turn.
const BEFORE: Record<string, Phase> = {
  resolved: "firing",
  inactive: "pending",
  recovering: "firing",
  still_firing: "recovering",
};

/** A lane for each label set, by what was told of it, in any order. What lasts at the beginning began there at the latest. */
export function lanes(events: readonly Told[], bounds: Bounds): Lane[] {
  const found = new Map<string, Lane>();
  for (const told of [...events].sort((one, other) => Date.parse(one.at) - Date.parse(other.at))) {
    const begins = BEGINS[told.event];
    if (!begins && !ENDS.includes(told.event)) continue;
    let lane = found.get(told.fingerprint);
    if (!lane) {
      lane = { key: told.fingerprint, label: labelOf(told.labels), segments: [] };
      const before = BEFORE[told.event];
      if (before) lane.segments.push({ phase: before, from: bounds.from, to: null });
      found.set(told.fingerprint, lane);
    }
    const at = Date.parse(told.at);
    const last = lane.segments.at(-1);
    if (last && last.to === null) last.to = at;
    if (begins) lane.segments.push({ phase: begins, from: at, to: null });
  }
  return [...found.values()];
}

/** 'service=shop', in the order of the names; 'all' where there are none. */
export function labelOf(labels: unknown): string {
  const entries = typeof labels === "object" && labels !== null ? Object.entries(labels) : [];
  return entries.map(([name, value]) => `${name}=${String(value)}`).join(", ") || "all";
}
