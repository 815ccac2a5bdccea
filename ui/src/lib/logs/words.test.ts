import { describe, expect, it } from "vitest";
import { pieces, wordsOf } from "./words";

const words = (q: string) => wordsOf(q).map(({ word, prefix }) => word + (prefix ? "*" : ""));
const marked = (text: string, q: string) =>
  pieces(text, wordsOf(q))
    .map(({ text: piece, found }) => (found ? `[${piece}]` : piece))
    .join("");

describe("what is searched for in messages", () => {
  it.each([
    ["", []],
    ["payment failed", ["payment", "failed"]],
    ['"card declined" service:shop', ["card", "declined"]],
    ["message:timeout level:error", ["timeout"]],
    ['message:"no route"', ["no", "route"]],
    ["-health NOT ready slow", ["slow"]],
    ["(timeout OR refused) AND pay*", ["timeout", "refused", "pay*"]],
    ['http\\:x:"a b" plain', ["plain"]],
  ])("%s", (q, expected) => {
    expect(words(q)).toEqual(expected);
  });

  it("is marked in any of its forms, in any case", () => {
    expect(marked("Answered ann; answers, ANSWERING: answer", "answer")).toBe(
      "[Answered] ann; [answers], [ANSWERING]: [answer]",
    );
  });

  it("is not marked within other words", () => {
    expect(marked("catalogue cat concat", "cat")).toBe("catalogue [cat] concat");
    expect(marked("catalogue cat concat", "cat*")).toBe("[catalogue] [cat] concat");
  });

  it("leaves the rest as it is", () => {
    expect(marked("<b>x</b>", "")).toBe("<b>x</b>");
    expect(marked("", "x")).toBe("");
  });
});
