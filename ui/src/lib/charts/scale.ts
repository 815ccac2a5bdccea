/** From values to pixels and back. */
export interface Scale {
  position(value: number): number;
  value(position: number): number;
}

/** Equal steps of values are equal steps of pixels. A domain without width is met by its middle. */
export function linear([low, high]: [number, number], [start, end]: [number, number]): Scale {
  const span = high - low;
  return {
    position: (value) => (span === 0 ? (start + end) / 2 : start + ((value - low) / span) * (end - start)),
    value: (position) => low + ((position - start) / (end - start)) * span,
  };
}

/** Equal factors of values are equal steps of pixels. Values below `low` are met by its place; `low` MUST be above 0. */
export function logarithmic([low, high]: [number, number], pixels: [number, number]): Scale {
  const scale = linear([Math.log(low), Math.log(Math.max(high, low))], pixels);
  return {
    position: (value) => scale.position(Math.log(Math.max(value, low))),
    value: (position) => Math.exp(scale.value(position)),
  };
}

/** Some `wanted` round values from low to high. */
export function ticks(low: number, high: number, wanted = 5): number[] {
  const rough = (high - low) / Math.max(wanted, 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Powers of ten within the bounds. */
export function decades(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => 10 ** (first + index));
}
