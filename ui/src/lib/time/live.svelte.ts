import { connection } from "#lib/api/connection.svelte";
import { timeRange } from "./range.svelte";

/** Refreshes at the chosen interval, but not while nobody looks or nobody answers. To be called by the shell. */
export function keepLive(): void {
  $effect(() => {
    const seconds = Number(timeRange.live);
    if (!seconds || connection.state !== "up") return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") timeRange.refresh();
    }, seconds * 1000);
    return () => clearInterval(timer);
  });
}
