import type { HistoryEvent } from "#lib/api/schema";

/** What an event of the history says, for people. */
const WORDS: Record<string, string> = {
  pending: "Condition holds, waiting",
  firing: "Firing",
  recovering: "Condition over, waiting",
  still_firing: "Condition holds again",
  resolved: "Resolved",
  inactive: "Condition over before it fired",
  no_data: "No data",
  data_again: "Data again",
  flapping: "Flapping",
  steady: "Steady again",
  acknowledged: "Acknowledged",
  told: "Told",
  reminded: "Reminded",
  silenced: "Silenced",
  unsilenced: "Silence over",
  inhibited: "Inhibited",
  uninhibited: "Inhibition over",
  escalated: "Escalated",
  held_back: "Held back",
  failing: "Evaluation failing",
  working: "Evaluation working again",
  late: "Evaluation late",
  punctual: "Evaluation on time again",
};

const COLORS: Record<string, `--${string}`> = {
  firing: "--firing",
  still_firing: "--firing",
  escalated: "--firing",
  failing: "--error",
  pending: "--in-progress",
  recovering: "--in-progress",
  acknowledged: "--acknowledged",
  flapping: "--in-progress",
  late: "--in-progress",
  resolved: "--resolved",
  working: "--resolved",
};

export function eventWord(event: string): string {
  return WORDS[event] ?? event;
}

export function eventColor(event: string): `--${string}` {
  return COLORS[event] ?? "--muted";
}

/** What else an event tells: its reason, its channels, and the like, one after the other. */
export function eventDetail({ detail, actor, event }: HistoryEvent): string {
  const parts = actor ? [`by ${actor}`] : [];
  if (typeof detail === "object" && detail !== null) {
    for (const [name, value] of Object.entries(detail)) {
      if (value === null || (name === "reason" && (value === "condition" || value === event))) continue;
      const text = Array.isArray(value) ? value.map(String).join(", ") : typeof value === "object" ? "" : String(value);
      if (text) parts.push(`${name.replaceAll("_", " ")}: ${text}`);
    }
  }
  return parts.join(" · ");
}

const MUTES: Record<string, "silenced" | "inhibited" | null> = {
  silenced: "silenced",
  unsilenced: null,
  inhibited: "inhibited",
  uninhibited: null,
};

/** Why nobody is told of an alert now, by its history, the newest first; null where somebody is. */
export function mutedBy(events: readonly { event: string }[]): "silenced" | "inhibited" | null {
  const latest = events.find(({ event }) => event in MUTES);
  return latest ? (MUTES[latest.event] ?? null) : null;
}
