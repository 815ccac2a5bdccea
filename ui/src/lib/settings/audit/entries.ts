import { answered, api } from "#lib/api/client";
import type { Slice } from "#lib/api/paged.svelte";

/** What happened once, whoever keeps it. */
export interface AuditRow {
  id: string;
  at: string;
  actor: string | null;
  action: string;
  subject: string;
  /** From where, if that is known. */
  address: string | null;
  detail: unknown;
}

export const BOOKS = ["access", "alerts"] as const;
export type Book = (typeof BOOKS)[number];

export interface Wanted {
  book: Book;
  actor: string;
  from: string;
  to?: string;
}

/** A page of the book that is wanted, the newest first. That of access begins at its beginning, whatever the time. */
export function entries(wanted: Wanted, cursor: string | null, signal: AbortSignal): Promise<Slice<AuditRow>> {
  return wanted.book === "access" ? access(wanted, cursor, signal) : alerts(wanted, cursor, signal);
}

async function access({ actor }: Wanted, cursor: string | null, signal: AbortSignal): Promise<Slice<AuditRow>> {
  const query = { ...(actor && { actor }), ...(cursor && { cursor: Number(cursor) }) };
  const page = await answered(api.GET("/api/access/audit", { params: { query }, signal }));
  const items = page.audit.map(({ id, client_address, ...rest }) => ({
    ...rest,
    id: String(id),
    address: client_address,
  }));
  return { items, next: page.next_cursor === null ? null : String(page.next_cursor) };
}

async function alerts(wanted: Wanted, cursor: string | null, signal: AbortSignal): Promise<Slice<AuditRow>> {
  const { actor, from, to } = wanted;
  const query = { from, ...(to && { to }), ...(actor && { actor }), ...(cursor && { cursor }) };
  const page = await answered(api.GET("/api/observability/alerts/audit", { params: { query }, signal }));
  const items = page.audit.map((entry) => ({
    id: String(entry.id),
    at: entry.at,
    actor: entry.actor,
    action: `${entry.object_type}.${entry.action}`,
    subject: entry.object_name ?? entry.object_id,
    address: null,
    detail: { before: entry.before, after: entry.after },
  }));
  return { items, next: page.next_cursor };
}
