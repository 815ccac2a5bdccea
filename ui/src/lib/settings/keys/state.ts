import type { ShownKey } from "#lib/api/schema";

export type KeyState = "active" | "expired" | "revoked";

/** What a key is worth now. */
export function stateOf({ revoked_at, expires_at }: ShownKey, now: number): KeyState {
  if (revoked_at !== null) return "revoked";
  return expires_at !== null && Date.parse(expires_at) <= now ? "expired" : "active";
}
