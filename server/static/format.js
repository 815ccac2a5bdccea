export function clock(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const time = date.toLocaleTimeString("en-GB") + "." + String(date.getMilliseconds()).padStart(3, "0");
  if (date.toDateString() === new Date().toDateString()) return time;
  return date.toLocaleDateString("sv-SE") + " " + date.toLocaleTimeString("en-GB");
}

export function duration(ms) {
  if (ms === null) return "–";
  if (ms < 1) return Math.round(ms * 1000) + "µs";
  if (ms < 1000) return Math.round(ms) + "ms";
  return (ms / 1000).toFixed(2) + "s";
}

// The API's times are UTC with up to six decimals: padded, they sort as text.
export function sortable(iso) {
  const [whole, fraction = ""] = iso.replace(/\+00:00$/, "").split(".");
  return whole + "." + fraction.padEnd(6, "0");
}

export function status(value) {
  return { completed: "completed", error: "error", in_progress: "in progress" }[value] ?? value ?? "unknown";
}

export function lastSegment(logger) {
  return logger.split(".").filter(Boolean).at(-1) ?? logger;
}
