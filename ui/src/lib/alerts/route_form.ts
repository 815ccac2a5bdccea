import type { NoticeRoute, RouteAnswer } from "#lib/api/schema";
import type { Matcher } from "./matchers";

/** A route as its form holds it; a number is null where its field is empty. */
export interface RouteForm {
  name: string;
  place: number | null;
  matchers: Matcher[];
  /** None: those of the rule. */
  channels: string[];
  grouping: "each" | "by" | "all";
  group_by: string[];
  group_wait_seconds: number | null;
  group_interval_seconds: number | null;
  reminder_minutes: number | null;
  escalate_after_minutes: number | null;
  escalate_to: string[];
  goes_on: boolean;
}

/** The fields of a route that are compared. */
export const FIELDS = [
  "place",
  "matchers",
  "channels",
  "group_by",
  "group_wait_seconds",
  "group_interval_seconds",
  "reminder_minutes",
  "escalate_after_minutes",
  "escalate_to",
  "goes_on",
];

export function formOf(route?: RouteAnswer): RouteForm {
  return {
    name: route?.name ?? "",
    place: route?.place ?? null,
    matchers: route?.matchers.map((one) => ({ ...one })) ?? [{ name: "severity", op: "=", value: "critical" }],
    channels: [...(route?.channels ?? [])],
    grouping: !route?.group_by ? "each" : route.group_by.length ? "by" : "all",
    group_by: [...(route?.group_by ?? [])],
    group_wait_seconds: route?.group_wait_seconds ?? 0,
    group_interval_seconds: route?.group_interval_seconds ?? 0,
    reminder_minutes: route?.reminder_minutes ?? null,
    escalate_after_minutes: route?.escalate_after_minutes ?? null,
    escalate_to: [...(route?.escalate_to ?? [])],
    goes_on: route?.goes_on ?? false,
  };
}

export function fieldsOf(form: RouteForm): NoticeRoute {
  return {
    place: form.place,
    matchers: form.matchers,
    channels: form.channels.length ? form.channels : null,
    group_by: form.grouping === "each" ? null : form.grouping === "all" ? [] : form.group_by,
    group_wait_seconds: form.group_wait_seconds ?? 0,
    group_interval_seconds: form.group_interval_seconds ?? 0,
    reminder_minutes: form.reminder_minutes,
    escalate_after_minutes: form.escalate_after_minutes,
    escalate_to: form.escalate_after_minutes === null ? [] : form.escalate_to,
    goes_on: form.goes_on,
  };
}
