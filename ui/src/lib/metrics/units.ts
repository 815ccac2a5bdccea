import { duration } from "#lib/format/duration";
import { bytes, compact, plain, rate } from "#lib/format/number";

type Format = (value: number) => string;

const NANOS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9, d: 86400e9 };
const BYTES: Record<string, number> = {
  By: 1,
  KiBy: 2 ** 10,
  MiBy: 2 ** 20,
  GiBy: 2 ** 30,
  kBy: 1e3,
  MBy: 1e6,
  GBy: 1e9,
};

/**
 * How values of a metric with this unit, in UCUM as OpenTelemetry has it, are written. What grows in a histogram or
 * summary is the number of its observations, whatever their unit.
 */
export function formatOf(unit: string, aggregation: string, type = "gauge"): Format {
  const observations = type !== "gauge" && type !== "sum";
  if (aggregation === "count" || (observations && aggregation === "increase")) return compact;
  const of = observations && aggregation === "rate" ? number : ofUnit(unit);
  if (aggregation !== "rate") return of;
  return of === number ? rate : (value) => `${of(value)}/s`;
}

/** A unit as it is read: annotations without their braces, and nothing for numbers without one. */
export function unitName(unit: string): string {
  return unit === "1" ? "" : unit.replace(/[{}]/g, "");
}

const number: Format = (value) => (Math.abs(value) >= 10_000 ? compact(value) : plain(Number(value.toPrecision(4))));

function ofUnit(unit: string): Format {
  const [nanos, size] = [NANOS[unit], BYTES[unit]];
  if (nanos !== undefined) return (value) => duration(value * nanos);
  if (size !== undefined) return (value) => bytes(value * size);
  return unit === "%" ? (value) => `${number(value)}%` : number;
}
