import type { ChannelAnswer } from "#lib/api/schema";
import { kindOf } from "./kinds";

/** A channel as its form holds it. A secret is a text to write; empty leaves it as it is. */
export interface ChannelForm {
  name: string;
  kind: string;
  texts: Record<string, string>;
  names: string[];
  secrets: Record<string, string>;
  /** Secrets that are taken away. */
  dropped: string[];
}

export function formOf(channel?: ChannelAnswer): ChannelForm {
  const settings = (channel?.settings ?? {}) as Record<string, unknown>;
  const texts = Object.entries(settings).filter(([, value]) => value !== null && !Array.isArray(value));
  return {
    name: channel?.name ?? "",
    kind: channel?.kind ?? "slack",
    texts: Object.fromEntries(texts.map(([name, value]) => [name, String(value)])),
    names: Array.isArray(settings.to) ? settings.to.map(String) : [],
    secrets: {},
    dropped: [],
  };
}

export interface ChannelBody {
  kind: string;
  settings: Record<string, unknown>;
  secrets: Record<string, string | null>;
}

/** What is sent: settings that are filled in, secrets that are written or taken away. */
export function bodyOf(form: ChannelForm): ChannelBody {
  const kind = kindOf(form.kind);
  const settings: [string, unknown][] = [];
  for (const { name, type } of kind?.settings ?? []) {
    const text = (form.texts[name] ?? "").trim();
    if (type === "names") settings.push([name, form.names]);
    else if (text) settings.push([name, type === "number" ? Number(text) : text]);
  }
  const secrets: [string, string | null][] = [];
  for (const { name } of kind?.secrets ?? []) {
    const text = (form.secrets[name] ?? "").trim();
    if (text) secrets.push([name, text]);
    else if (form.dropped.includes(name)) secrets.push([name, null]);
  }
  return { kind: form.kind, settings: Object.fromEntries(settings), secrets: Object.fromEntries(secrets) };
}
