/** The browser's zone, as 'Europe/Berlin, UTC+1'. */
export function zoneName(at = new Date()): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === "UTC" ? "UTC" : `${timeZone}, ${offset(at)}`;
}

/** 'UTC+5:30' for the zone in which the date is shown. */
export function offset(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}
