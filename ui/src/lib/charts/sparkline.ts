/** The d of a path through the values, in a box of this size; gaps where there are none. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value): value is number => value !== null);
  const top = Math.max(...known, 0);
  const step = width / Math.max(values.length - 1, 1);
  let joined = false;
  return values
    .map((value, index) => {
      if (value === null) {
        joined = false;
        return "";
      }
      const y = top === 0 ? height - 1 : height - 1 - (value / top) * (height - 2);
      const command = joined ? "L" : "M";
      joined = true;
      return `${command}${round(index * step)} ${round(y)}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
