import { describe, expect, it } from "vitest";
import type { Log } from "#lib/api/schema";
import { example } from "../outline/example";
import { attributes } from "./attributes";
import { eventsOf, exceptionsOf } from "./events";
import { logMarks } from "./marks";
import { conversationOf } from "./messages";

describe("attributes", () => {
  it("come by key, as text, narrowed by words", () => {
    const given = { b: 5, a: "x", c: [1] };
    expect(attributes(given).map(({ key, text }) => [key, text])).toEqual([
      ["a", "x"],
      ["b", "5"],
      ["c", "[1]"],
    ]);
    expect(attributes(given, "X").map(({ key }) => key)).toEqual(["a"]);
    expect(attributes(null)).toEqual([]);
  });
});

describe("events", () => {
  const events = eventsOf([
    { message: "first token", timestamp: "2026-11-23T17:00:59Z", tokens: 1 },
    { name: "exception", message: "Error: no", "exception.type": "E", "exception.message": "no" },
    5,
  ]);

  it("have a name and their own attributes", () => {
    expect(events[0]).toEqual({ name: "first token", timestamp: "2026-11-23T17:00:59Z", attributes: { tokens: 1 } });
    expect(events).toHaveLength(2);
    expect(eventsOf("x")).toEqual([]);
  });

  it("may be exceptions", () => {
    expect(exceptionsOf(events)).toEqual([{ type: "E", message: "no", stack: "", timestamp: null }]);
  });
});

describe("a conversation", () => {
  it("is read from messages of parts", () => {
    const tags = {
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
      "gen_ai.output.messages": [{ role: "assistant", content: "hello" }],
    };
    expect(conversationOf(tags, [])).toEqual({
      prompt: [{ role: "user", text: "hi" }],
      answer: [{ role: "assistant", text: "hello" }],
      facts: [["Model", "gpt-4o"]],
    });
  });

  it("is read from numbered names", () => {
    const tags = { "gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "be kind" };
    expect(conversationOf(tags, [])?.prompt).toEqual([{ role: "system", text: "be kind" }]);
  });

  it("is not there where none is told of", () => {
    expect(conversationOf({ a: 1 }, [])).toBe(null);
    expect(conversationOf({ "gen_ai.prompt": "[broken" }, [])?.prompt).toEqual([{ role: "user", text: "[broken" }]);
  });
});

describe("logs on a bar", () => {
  it("stand at their time, the severe ones before the others", () => {
    const outline = example([{ name: "a", depth: 0, start: 0, duration: 10 }]);
    const log = (level: string) => ({ span_id: "id0", timestamp: "1970-01-01T00:00:00.000001Z", level }) as Log;
    const marks = logMarks(outline, [...Array.from({ length: 30 }, () => log("INFO")), log("ERROR")]).get("id0");
    expect(marks).toHaveLength(20);
    expect(marks?.[0]).toEqual({ at: 1000, level: "ERROR" });
  });
});
