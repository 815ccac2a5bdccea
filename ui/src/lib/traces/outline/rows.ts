import { ancestors, nameAt, serviceAt, type Outline } from "./outline";

/** The places of the spans that are seen when what is below some is folded away. */
export function visibleRows(outline: Outline, folded: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (let at = 0; at < outline.count; at += 1) {
    rows.push(at);
    if (folded.has(at)) at += outline.descendants[at] ?? 0;
  }
  return rows;
}

/** All that can be folded from this depth on. */
export function foldedFrom(outline: Outline, depth: number): Set<number> {
  const folded = new Set<number>();
  for (let at = 0; at < outline.count; at += 1) {
    if ((outline.depths[at] ?? 0) >= depth && (outline.descendants[at] ?? 0) > 0) folded.add(at);
  }
  return folded;
}

/** With what is below a span folded, or unfolded where it was. */
export function switchedFold(folded: ReadonlySet<number>, at: number): ReadonlySet<number> {
  const changed = new Set(folded);
  if (!changed.delete(at)) changed.add(at);
  return changed;
}

/** Without what hides a span. */
export function unfoldedTo(outline: Outline, folded: ReadonlySet<number>, at: number): ReadonlySet<number> {
  const hiding = ancestors(outline, at).filter((above) => folded.has(above));
  if (hiding.length === 0) return folded;
  const fewer = new Set(folded);
  for (const above of hiding) fewer.delete(above);
  return fewer;
}

/** The places of spans whose name, service or id holds the words, in any case. */
export function matching(outline: Outline, words: string): number[] {
  const sought = words.trim().toLowerCase();
  if (!sought) return [];
  const names = outline.names.map((name) => name.toLowerCase().includes(sought));
  const services = outline.services.map((service) => (service ?? "").toLowerCase().includes(sought));
  const found: number[] = [];
  for (let at = 0; at < outline.count; at += 1) {
    const met =
      names[outline.name[at] ?? 0] || services[outline.service[at] ?? 0] || outline.ids[at]?.startsWith(sought);
    if (met) found.push(at);
  }
  return found;
}

/** The match before or after a place, round in a circle; null without any. */
export function neighbour(matches: readonly number[], at: number, step: 1 | -1): number | null {
  if (matches.length === 0) return null;
  const next = step === 1 ? matches.find((match) => match > at) : matches.findLast((match) => match < at);
  return next ?? matches.at(step === 1 ? 0 : -1) ?? null;
}

/** What a row says to those who hear the page. */
export function spoken(outline: Outline, at: number, duration: string): string {
  const status = outline.failed[at] ? ", error" : outline.durations[at] === null ? ", in progress" : "";
  return `${nameAt(outline, at)}, ${serviceAt(outline, at)}, ${duration}${status}`;
}
