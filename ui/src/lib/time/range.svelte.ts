import { page } from "$app/state";
import { decode, encode, oneOf, text } from "#lib/url/codec";
import { navigate } from "#lib/url/navigate";
import { absolute, boundsOf, DEFAULT, isRelative, NOW, type Bounds, type Range } from "./range";

/** Seconds between two refreshes, 'off' for none. */
export const INTERVALS = ["off", "5", "10", "30", "60"] as const;
export type Interval = (typeof INTERVALS)[number];

const SCHEMA = { from: text(DEFAULT.from), to: text(DEFAULT.to), live: oneOf(INTERVALS, "off") };

/** The one time range of all pages. It stands in the address. */
class TimeRange {
  #values = $derived(decode(SCHEMA, page.url.searchParams));
  #now = $state(Date.now());
  /** Grows with each refresh, by hand or live; `resource()` loads anew then. */
  refreshes = $state(0);

  get range(): Range {
    return { from: this.#values.from, to: this.#values.to };
  }

  get live(): Interval {
    return this.#values.live;
  }

  /** What it covers, as of the latest refresh. */
  get bounds(): Bounds {
    return boundsOf(this.range, this.#now);
  }

  get isRelative(): boolean {
    return isRelative(this.range);
  }

  /** As parameters of the API. An end that is now is left open. */
  get query(): { from: string; to?: string } {
    const { from, to } = this.range;
    return to === NOW ? { from } : { from, to };
  }

  set(range: Range): void {
    this.#now = Date.now();
    navigate((parameters) => encode(SCHEMA, parameters, range), "push");
  }

  /** To what was dragged over, in milliseconds; going back undoes it. */
  zoom(bounds: Bounds): void {
    this.set(absolute(bounds));
  }

  setLive(live: Interval): void {
    navigate((parameters) => encode(SCHEMA, parameters, { live }), "replace");
  }

  refresh(): void {
    this.#now = Date.now();
    this.refreshes += 1;
  }

  /** The address of another page with the same range. */
  link(path: string): string {
    const kept = encode(SCHEMA, new URLSearchParams(), this.#values).toString();
    if (!kept) return path;
    return `${path}${path.includes("?") ? "&" : "?"}${kept}`;
  }
}

export const timeRange = new TimeRange();
