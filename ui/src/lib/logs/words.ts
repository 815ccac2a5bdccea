/** A piece of a text, and whether it was searched for. */
export interface Piece {
  text: string;
  found: boolean;
}

interface Sought {
  /** How a word must begin, or be, in lower case. */
  word: string;
  prefix: boolean;
}

const TOKEN = /([-+]?)(?:((?:[^\s:()\\"]|\\.)+):)?("(?:[^"\\]|\\.)*"?|[^\s()"]+)/g;
const OPERATORS = ["AND", "OR", "NOT", "&&", "||"];
const WORD = /[\p{L}\p{N}]+/gu;
const ENDINGS = /(?:ings?|ied|ies|ed|es|ly|s|e|y)$/;
const LEAST_STEM = 3;

/** The words that a search looks for in messages; not those it excludes. */
export function wordsOf(q: string): Sought[] {
  const sought: Sought[] = [];
  let excluded = false;
  for (const [, sign, field, value = ""] of q.matchAll(TOKEN)) {
    if (!field && OPERATORS.includes(value)) {
      excluded = value === "NOT";
      continue;
    }
    if (sign !== "-" && !excluded && (field === undefined || field === "message")) sought.push(...wordsIn(value));
    excluded = false;
  }
  return sought;
}

function wordsIn(value: string): Sought[] {
  const words = value.match(/[\p{L}\p{N}]+\*?/gu) ?? [];
  return words.map((word) => ({ word: word.replace("*", "").toLowerCase(), prefix: word.endsWith("*") }));
}

/** The text in pieces. A word is found in any form that an English search finds, as near as endings tell. */
export function pieces(text: string, sought: readonly Sought[]): Piece[] {
  if (sought.length === 0) return [{ text, found: false }];
  const stems = new Set(sought.filter(({ prefix }) => !prefix).map(({ word }) => stem(word)));
  const prefixes = sought.filter(({ prefix }) => prefix).map(({ word }) => word);
  const found: Piece[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const lower = word.toLowerCase();
    if (!stems.has(stem(lower)) && !prefixes.some((prefix) => lower.startsWith(prefix))) continue;
    if (index > end) found.push({ text: text.slice(end, index), found: false });
    found.push({ text: word, found: true });
    end = index + word.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), found: false });
  return found;
}

function stem(word: string): string {
  const without = word.replace(ENDINGS, "");
  return without.length >= LEAST_STEM ? without : word;
}
