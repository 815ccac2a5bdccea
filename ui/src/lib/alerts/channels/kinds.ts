import type { ChannelAnswer } from "#lib/api/schema";

/** A setting or secret of a channel, as its form asks for it. */
export interface ChannelField {
  name: string;
  label: string;
  hint?: string;
  type?: "text" | "url" | "number" | "names" | "tls";
  required?: boolean;
}

export interface ChannelKind {
  value: string;
  label: string;
  settings: readonly ChannelField[];
  /** Written and never read. */
  secrets: readonly ChannelField[];
}

export const KINDS: readonly ChannelKind[] = [
  {
    value: "slack",
    label: "Slack",
    settings: [],
    secrets: [{ name: "webhook_url", label: "Address of the incoming webhook", type: "url", required: true }],
  },
  {
    value: "email",
    label: "E-mail",
    settings: [
      { name: "to", label: "To", type: "names", required: true },
      { name: "from", label: "From", hint: "What is left out comes from the environment" },
      { name: "host", label: "Mail server" },
      { name: "port", label: "Port", type: "number" },
      { name: "user", label: "User" },
      { name: "tls", label: "Encryption", type: "tls" },
    ],
    secrets: [{ name: "password", label: "Password" }],
  },
  {
    value: "webhook",
    label: "Webhook",
    settings: [{ name: "url", label: "Address", type: "url", required: true }],
    secrets: [{ name: "secret", label: "Key of the signature" }],
  },
  {
    value: "pagerduty",
    label: "PagerDuty",
    settings: [{ name: "url", label: "Address", hint: "Empty: PagerDuty's own", type: "url" }],
    secrets: [{ name: "routing_key", label: "Routing key", required: true }],
  },
  {
    value: "apprise",
    label: "Anything else, by Apprise",
    settings: [],
    secrets: [{ name: "url", label: "Address, as schema://host", required: true }],
  },
];

export function kindOf(value: string): ChannelKind | undefined {
  return KINDS.find((kind) => kind.value === value);
}

/** What its settings say, one after the other. */
export function settingTexts({ kind, settings }: ChannelAnswer): string[] {
  const values = settings as Record<string, unknown>;
  return (kindOf(kind)?.settings ?? []).flatMap(({ name, label }) => {
    const value = values[name];
    const text = Array.isArray(value) ? value.join(", ") : value === null || value === undefined ? "" : String(value);
    return text ? [`${label}: ${text}`] : [];
  });
}
