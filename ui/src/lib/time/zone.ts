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

/** A date as an `<input type="datetime-local">` has it, to the second. */
export function toField(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
