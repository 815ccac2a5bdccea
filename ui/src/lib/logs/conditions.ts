import { filterBy, narrowed } from "#lib/search/completion";

/** Whether a search has a condition, as a part of its own. */
export function has(q: string, condition: string): boolean {
  return ` ${q} `.includes(` ${condition} `);
}

/** The search without a condition. */
export function without(q: string, condition: string): string {
  return ` ${q} `.replace(` ${condition} `, " ").trim();
}

/** The search with `field:value`, or without it where it has it; the opposite of it leaves the search. */
export function toggled(q: string, field: string, value: string, excluded: boolean): string {
  const condition = filterBy(field, value, excluded);
  const rest = without(q, filterBy(field, value, !excluded));
  return has(rest, condition) ? without(rest, condition) : narrowed(rest, condition);
}
