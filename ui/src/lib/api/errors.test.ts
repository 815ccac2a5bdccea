import { expect, it } from "vitest";
import { errorOf } from "./errors";

it("tells the detail of an answer", () => {
  expect(errorOf(404, { detail: "Trace not found" }).detail).toBe("Trace not found");
});

it("tells each mistake of a request, and where it is", () => {
  const ctx = { position: 3, expected: [")"] };
  const error = errorOf(422, {
    detail: [
      { loc: ["query", "q"], msg: "unexpected end", ctx },
      { loc: ["body", "settings", "to"], msg: "Field required" },
    ],
  });
  expect(error.detail).toBe("unexpected end; settings.to: Field required");
  expect(error.mistakeOf("q")).toEqual({ field: "q", message: "unexpected end", ...ctx });
  expect(error.mistakeOf("settings.to")?.message).toBe("Field required");
  expect(error.mistakeOf("name")).toBeUndefined();
});

it.each([undefined, null, "<html>", { detail: 5 }])("makes something of %j", (body) => {
  expect(errorOf(502, body).detail).toBe("Otelgres answered 502");
});
