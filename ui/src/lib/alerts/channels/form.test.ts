import { describe, expect, it } from "vitest";
import { bodyOf, formOf, type ChannelForm } from "./form";

const FORM: ChannelForm = {
  ...formOf(),
  kind: "email",
  texts: { host: " mail ", port: "587", tls: "" },
  names: ["a@b"],
};

describe("what is sent of a channel", () => {
  it("is what its kind has, where it is filled in", () => {
    expect(bodyOf({ ...FORM, secrets: { webhook_url: "x" } })).toEqual({
      kind: "email",
      settings: { to: ["a@b"], host: "mail", port: 587 },
      secrets: {},
    });
  });

  it("holds a secret that is written or taken away, and no other", () => {
    expect(bodyOf({ ...FORM, secrets: { password: "x" } }).secrets).toEqual({ password: "x" });
    expect(bodyOf({ ...FORM, dropped: ["password"] }).secrets).toEqual({ password: null });
    expect(bodyOf({ ...FORM, dropped: ["password"], secrets: { password: "x" } }).secrets).toEqual({ password: "x" });
  });
});
