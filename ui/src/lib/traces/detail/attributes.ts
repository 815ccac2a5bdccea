/** One attribute, its value as text. */
export interface Attribute {
  key: string;
  text: string;
  /** Lists and objects are shown as trees and cannot be filtered by. */
  nested: unknown;
}

/** The attributes of a JSON object by key, those that hold the words in key or value. */
export function attributes(given: unknown, words = ""): Attribute[] {
  if (typeof given !== "object" || given === null) return [];
  const sought = words.trim().toLowerCase();
  return Object.entries(given)
    .map(([key, value]) => {
      const nested = typeof value === "object" && value !== null ? value : null;
      return { key, text: typeof value === "string" ? value : JSON.stringify(value), nested };
    })
    .filter(({ key, text }) => !sought || key.toLowerCase().includes(sought) || text.toLowerCase().includes(sought))
    .sort((one, other) => one.key.localeCompare(other.key));
}
