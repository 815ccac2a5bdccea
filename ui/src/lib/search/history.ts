const MOST = 20;

/** The searches last made of a signal, the newest first; kept in this browser. */
export function searchesOf(signal: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(signal)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

/** Keeps a search as the newest. */
export function keepSearch(signal: string, q: string): void {
  if (!q.trim()) return;
  try {
    localStorage.setItem(
      key(signal),
      JSON.stringify([q, ...searchesOf(signal).filter((one) => one !== q)].slice(0, MOST)),
    );
  } catch {
    // Where storage is forbidden there is no history.
  }
}

function key(signal: string): string {
  return `otelgres.searches.${signal}`;
}
