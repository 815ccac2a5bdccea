import { describe, expect, it } from "vitest";
import { toggled } from "./conditions";

describe("a condition of a search", () => {
  it.each([
    ["", false, "service:shop"],
    ["", true, "-service:shop"],
    ["slow", false, "slow service:shop"],
    ["slow service:shop", false, "slow"],
    ["-service:shop slow", false, "slow service:shop"],
    ["a OR b", true, "(a OR b) -service:shop"],
    ["service:shopping", false, "service:shopping service:shop"],
  ])("'%s', excluded %s", (q, excluded, expected) => {
    expect(toggled(q, "service", "shop", excluded)).toBe(expected);
  });
});
