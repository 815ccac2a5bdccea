import { flag, oneOf, text } from "#lib/url/codec";
import { COLORINGS } from "../outline/colors";

export const TABS = ["waterfall", "flame", "spans", "logs", "compare"] as const;
export type Tab = (typeof TABS)[number];
export const SPAN_TABS = ["attributes", "exceptions", "llm", "events", "logs", "links", "resource"] as const;
export type SpanTab = (typeof SPAN_TABS)[number];

/** What the address says of a trace's page. */
export const VIEW = {
  tab: oneOf(TABS, "waterfall"),
  /** The id of the chosen span. */
  span: text(),
  info: oneOf(SPAN_TABS, "attributes"),
  find: text(),
  color: oneOf(COLORINGS, "kind"),
  critical: flag(),
  /** The stretch of time that is zoomed to, in nanoseconds after the start. */
  zoom: text(),
  /** The trace to compare with. */
  with: text(),
};
