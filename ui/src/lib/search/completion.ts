/** What the cursor stands in: the name of a field, or the value of one. */
export interface Target {
  kind: "field" | "value";
  /** The field whose value it is, as a search has it. */
  field: string;
  /** What has been typed of it, without quotes and escapes. */
  prefix: string;
  /** Where it stands in the text. */
  start: number;
  end: number;
}

export interface Suggestion {
  /** What is shown. */
  label: string;
  /** What is put in place of the target. */
  insert: string;
  /** A word more: its type, or how often it was seen. */
  note: string;
}

const NAME = /^[-+]?((?:[^\s:()\\"]|\\.)+):/;
const COMPARISON = /^(?:[<>]=?|\[|\{)/;
const OPERATORS = ["AND", "OR", "NOT"];

/** What can be completed at the cursor; null within a phrase of its own, or a range. */
export function targetAt(text: string, cursor: number): Target | null {
  const start = tokenStart(text, cursor);
  if (start === null) return null;
  const typed = text.slice(start, cursor);
  const end = tokenEnd(text, cursor);
  const name = NAME.exec(typed);
  if (name?.[1] === undefined) {
    const sign = /^[-+]/.exec(typed)?.[0].length ?? 0;
    if (typed[sign] === '"') return null;
    return { kind: "field", field: "", prefix: plain(typed.slice(sign)), start: start + sign, end };
  }
  const value = typed.slice(name[0].length);
  if (COMPARISON.test(value)) return null;
  return { kind: "value", field: plain(name[1]), prefix: plain(value), start: start + name[0].length, end };
}

/** The text with the target replaced, and where the cursor goes. A value is followed by a space. */
export function complete(text: string, target: Target, insert: string): { text: string; cursor: number } {
  const rest = text.slice(target.end);
  const end = target.kind === "value" && !/^\s/.test(rest) ? " " : "";
  const before = text.slice(0, target.start) + insert + end;
  return { text: before + rest, cursor: before.length + (target.kind === "value" && end === "" ? 1 : 0) };
}

/** A value as a search has it: a phrase where it would not be one token. */
export function quoted(value: string): string {
  return /^[^\s()"\\*?[\]{}<>:]+$/.test(value) && !OPERATORS.includes(value)
    ? value
    : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

/** A field's name as a search has it. */
export function escapedName(name: string): string {
  return name.replace(/[\s:()\\"]/g, "\\$&");
}

/** `field:value`, or with a minus, `without` it. */
export function filterBy(field: string, value: string, without = false): string {
  return `${without ? "-" : ""}${escapedName(field)}:${quoted(value)}`;
}

/** The search with one more condition, unless it has it already. */
export function narrowed(q: string, condition: string): string {
  const given = q.trim();
  if (` ${given} `.includes(` ${condition} `)) return given;
  if (!given) return condition;
  return /\bOR\b/.test(given) ? `(${given}) ${condition}` : `${given} ${condition}`;
}

function tokenStart(text: string, cursor: number): number | null {
  let start = 0;
  let phrase = false;
  for (let at = 0; at < cursor; at += 1) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === '"') phrase = !phrase;
    else if (!phrase && /[\s()]/.test(character ?? "")) start = at + 1;
  }
  return /^["]/.test(text.slice(start)) && phrase ? null : start;
}

function tokenEnd(text: string, cursor: number): number {
  const rest = /^(?:[^\s()\\"]|\\.)*"?/.exec(text.slice(cursor));
  return cursor + (rest?.[0].length ?? 0);
}

function plain(typed: string): string {
  return typed.replace(/^"/, "").replace(/\\(.)/g, "$1");
}
