import { expect, it } from "vitest";
import { ownPath, signInPath } from "./sign_in_path";

const ORIGIN = "https://otel.example";

it("leads back to where one was", () => {
  const path = "/admin/logs?q=a&from=now-1h";
  const next = new URL(signInPath(path), ORIGIN).searchParams.get("next");
  expect(ownPath(next, ORIGIN)).toBe(path);
});

it.each([
  null,
  "",
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "javascript:alert(1)",
  "/admin/sign-in?next=/admin/logs",
])("never leads to %j", (next) => {
  expect(ownPath(next, ORIGIN)).toBe("/admin");
});
