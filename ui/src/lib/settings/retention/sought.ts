import type { Deletion } from "#lib/api/schema";

/** What a deletion seeks, a condition a line. Values are told by the beginning of their digests. */
export function soughtOf(told: Deletion["told"]): string[] {
  const found: string[] = [];
  if (told.user_email) found.push(`user ${digest(told.user_email)}`);
  if (told.session_id) found.push(`session ${digest(told.session_id)}`);
  if (told.attribute_key) found.push(`${told.attribute_key} ${digest(told.attribute_value ?? "")}`);
  if (told.service) found.push(`service ${told.service}`);
  if (told.since) found.push(`since ${told.since.slice(0, 16).replace("T", " ")} UTC`);
  if (told.until) found.push(`until ${told.until.slice(0, 16).replace("T", " ")} UTC`);
  return found;
}

/** Whether it is worked on now, so that it is worth asking again soon. */
export function isAtWork({ state }: Pick<Deletion, "state">): boolean {
  return state === "counting" || state === "deleting";
}

/** Whether it can be stopped. */
export function isOpen({ state }: Pick<Deletion, "state">): boolean {
  return state !== "done" && state !== "cancelled";
}

function digest(value: string): string {
  return value.startsWith("sha256:") ? value.slice(0, 15) : value;
}
