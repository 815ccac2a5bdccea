import type { User } from "#lib/api/schema";

export type Role = User["role"];

export const ROLES: readonly { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer" },
  { value: "editor", label: "editor" },
  { value: "admin", label: "admin" },
];
