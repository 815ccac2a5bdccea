import { answered, api } from "#lib/api/client";

const ACKNOWLEDGE = "/api/observability/alerts/instances/{instance_id}/acknowledge";
const RESOLVE = "/api/observability/alerts/instances/{instance_id}/resolve";

export type Act = "acknowledge" | "resolve";

/** What a person does with an alert, under their name. */
export async function act(what: Act, instance: string, person: string): Promise<void> {
  const params = { path: { instance_id: instance }, query: { user_email: person } };
  await answered(what === "acknowledge" ? api.POST(ACKNOWLEDGE, { params }) : api.POST(RESOLVE, { params }));
}

/** Who does it, for the audit; nothing where nobody said. */
export function byQuery(person: string): { user_email?: string } {
  return person ? { user_email: person } : {};
}

/** The version that is changed, as If-Match has it. */
export function ifMatch(version: number | undefined): { "if-match"?: string } {
  return version === undefined ? {} : { "if-match": `"${version}"` };
}
