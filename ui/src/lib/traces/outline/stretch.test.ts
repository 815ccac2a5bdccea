import { describe, expect, it } from "vitest";
import { barIn, moved, placeIn, read, within, written, zoomed } from "./stretch";

const WHOLE = { from: 0, to: 1000 };

describe("a bar", () => {
  it("stands where its span ran", () => {
    expect(barIn(WHOLE, 250, 750)).toEqual({ left: 25, width: 50 });
    expect(barIn({ from: 500, to: 1000 }, 250, 750)).toEqual({ left: 0, width: 50 });
  });

  it("is never narrower than one percent, and stays within", () => {
    expect(barIn(WHOLE, 500, 500)).toEqual({ left: 50, width: 1 });
    expect(barIn(WHOLE, 1000, 1000)).toEqual({ left: 99, width: 1 });
  });

  it("is not there outside", () => {
    expect(barIn({ from: 500, to: 600 }, 0, 499)).toBe(null);
    expect(barIn({ from: 500, to: 600 }, 601, 700)).toBe(null);
    expect(placeIn(WHOLE, 1001)).toBe(null);
  });
});

describe("a stretch", () => {
  it("keeps the moment under the pointer", () => {
    expect(zoomed(1000, WHOLE, 250, 0.5)).toEqual({ from: 125, to: 625 });
  });

  it("does not leave the trace", () => {
    expect(zoomed(1000, { from: 0, to: 500 }, 0, 4)).toEqual(WHOLE);
    expect(moved(1000, { from: 0, to: 500 }, -1)).toEqual({ from: 0, to: 500 });
    expect(moved(1000, { from: 0, to: 500 }, 2)).toEqual({ from: 500, to: 1000 });
  });

  it("has a width, however far one zooms", () => {
    expect(within(1000, { from: 400, to: 400 })).toEqual({ from: 400, to: 500 });
    expect(within(10, { from: 4, to: 4 })).toEqual({ from: 0, to: 10 });
  });

  it("is read as it was written", () => {
    expect(written(1000, WHOLE)).toBe("");
    expect(read(1000, written(1000, { from: 200, to: 900 }))).toEqual({ from: 200, to: 900 });
    expect(read(1000, "x")).toEqual(WHOLE);
    expect(read(1000, "900-200")).toEqual(WHOLE);
  });
});
