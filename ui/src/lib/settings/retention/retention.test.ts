import { describe, expect, it } from "vitest";
import { isAtWork, isOpen, soughtOf } from "./sought";
import { subjectOf } from "./subject";

const NOTHING = {
  user_email: null,
  session_id: null,
  attribute_key: null,
  attribute_value: null,
  service: null,
  since: null,
  until: null,
};

describe("what a rule is about", () => {
  it("names level, signal and service as far as it has them", () => {
    expect(subjectOf({ signal: "logs", level: "DEBUG", service: "checkout" })).toBe("DEBUG logs of checkout");
    expect(subjectOf({ signal: "logs", level: "DEBUG", service: null })).toBe("DEBUG logs");
    expect(subjectOf({ signal: "spans", level: null, service: "noisy" })).toBe("spans of noisy");
  });
});

describe("a deletion", () => {
  it("tells each condition, values by the beginning of their digests", () => {
    const told = {
      ...NOTHING,
      user_email: "sha256:5ff860bf1190596c7188ab851db691f0",
      attribute_key: "customer.id",
      attribute_value: "sha256:0123456789abcdef0123456789abcdef",
      service: "cart",
      since: "2026-11-23T09:00:00+00:00",
    };
    expect(soughtOf(told)).toEqual([
      "user sha256:5ff860bf",
      "customer.id sha256:01234567",
      "service cart",
      "since 2026-11-23 09:00 UTC",
    ]);
  });

  it("is asked about again while it is worked on, and can be stopped until it is over", () => {
    const states = ["counting", "counted", "deleting", "done", "cancelled"] as const;
    expect(states.filter((state) => isAtWork({ state }))).toEqual(["counting", "deleting"]);
    expect(states.filter((state) => isOpen({ state }))).toEqual(["counting", "counted", "deleting"]);
  });
});
