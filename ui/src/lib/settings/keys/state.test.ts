import { expect, it } from "vitest";
import type { ShownKey } from "#lib/api/schema";
import { stateOf } from "./state";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const key = (expires_at: string | null, revoked_at: string | null = null) => ({ expires_at, revoked_at }) as ShownKey;

it("a key is active until it expires or is revoked", () => {
  expect(stateOf(key(null), NOW)).toBe("active");
  expect(stateOf(key("2026-11-23T12:00:01Z"), NOW)).toBe("active");
  expect(stateOf(key("2026-11-23T12:00:00Z"), NOW)).toBe("expired");
  expect(stateOf(key("2026-11-22T12:00:00Z", "2026-11-23T11:00:00Z"), NOW)).toBe("revoked");
});
