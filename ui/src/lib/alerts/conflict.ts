/** A field that somebody changed meanwhile. */
export interface Difference {
  field: string;
  /** What it was when the form was opened. */
  before: unknown;
  now: unknown;
  /** What the form makes of it. */
  mine: unknown;
  /** Both changed it, to different values. */
  clashes: boolean;
}

type Fields = Record<string, unknown>;

/** What changed meanwhile, of these fields. */
export function differences(names: readonly string[], before: Fields, now: Fields, mine: Fields): Difference[] {
  return names
    .filter((name) => !same(before[name], now[name]))
    .map((name) => ({
      field: name,
      before: before[name],
      now: now[name],
      mine: mine[name],
      clashes: !same(before[name], mine[name]) && !same(now[name], mine[name]),
    }));
}

/** What is there now, with what the form changed. */
export function merged<T extends object>(names: readonly string[], before: Fields, now: T, mine: Fields): T {
  const changed = names.filter((name) => !same(before[name], mine[name]));
  return { ...now, ...Object.fromEntries(changed.map((name) => [name, mine[name]])) };
}

/** Whether two values of JSON are the same; the order of an object's names does not count. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A field's value as people read it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (Array.isArray(value)) return value.map(shown).join(", ") || "none";
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
