/** A column and its direction as one word of the address: 'name', or '-name' for the greatest first. */
export function directionOf(order: string, column: string): "asc" | "desc" | null {
  if (order === column) return "asc";
  return order === `-${column}` ? "desc" : null;
}

/** The order after a click on a column's head: numbers begin with the greatest, names with the first. */
export function turned(order: string, column: string, numeric: boolean): string {
  const now = directionOf(order, column);
  if (now === null) return numeric ? `-${column}` : column;
  return now === "asc" ? `-${column}` : column;
}

/** A copy in order of that column; what has no value comes last whichever way. */
export function sorted<T>(rows: readonly T[], order: string): T[] {
  const descending = order.startsWith("-");
  const column = (descending ? order.slice(1) : order) as keyof T;
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === null || a === undefined || b === null || b === undefined) {
      return Number(a === null || a === undefined) - Number(b === null || b === undefined);
    }
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  });
}
