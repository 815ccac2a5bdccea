import { expect, it } from "vitest";
import { conditionText, decimals, lasting } from "./appearance";
import { matchersOf, matcherText } from "./matchers";
import { holds } from "./view";
import { mutedBy } from "./words";

it("finds all words in any text", () => {
  expect(holds("error shop", ["High Error Rate", "service=shop"])).toBe(true);
  expect(holds("error mail", ["High Error Rate", null])).toBe(false);
  expect(holds("", [])).toBe(true);
});

it("writes figures as alerts have them", () => {
  expect([decimals(12.345), decimals(null), conditionText("gte", 3)]).toEqual(["12.35", "–", "≥ 3"]);
  expect([lasting(0), lasting(90), lasting(3600), lasting(90061)]).toEqual(["0 s", "1 min 30 s", "1 h", "1 d 1 h"]);
});

it("writes matchers so that they can be read back", () => {
  expect(matchersOf("A", { service: "shop" }).map(matcherText)).toEqual(['alertname="A"', 'service="shop"']);
  expect(matcherText({ name: "a", op: "=~", value: 'x"\\' })).toBe('a=~"x\\"\\\\"');
});

it("knows by the latest word whether an alert is muted", () => {
  expect(mutedBy([{ event: "told" }, { event: "silenced" }, { event: "unsilenced" }])).toBe("silenced");
  expect(mutedBy([{ event: "unsilenced" }, { event: "silenced" }])).toBeNull();
  expect(mutedBy([])).toBeNull();
});
