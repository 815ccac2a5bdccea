const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const PLAIN = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** '12,345'; '–' where there is none. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : WHOLE.format(value);
}

/** '12.3K' */
export function compact(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : COMPACT.format(value);
}

/** Any number, without more digits than tell something. */
export function plain(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : PLAIN.format(value);
}

/** '12.5%' for 12.5 */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return `${value > 0 && value < 0.01 ? "<0.01" : Number(value.toFixed(2))}%`;
}

/** '3.2/s' for a rate a second; slow ones by the minute or hour. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return "–";
  if (perSecond >= 0.1 || perSecond === 0) return `${COMPACT.format(perSecond)}/s`;
  return perSecond * 60 >= 0.1 ? `${COMPACT.format(perSecond * 60)}/min` : `${COMPACT.format(perSecond * 3600)}/h`;
}

/** '1.5 MiB' */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTES.length - 1);
  const scaled = value / 1024 ** power;
  return `${scaled >= 100 || power === 0 ? Math.round(scaled) : Number(scaled.toPrecision(3))} ${BYTES[power]}`;
}
