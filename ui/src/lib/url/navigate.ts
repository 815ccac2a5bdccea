import { goto } from "$app/navigation";
import { page } from "$app/state";
import type { Given } from "./codec";

interface Change {
  parameters: Given;
  push: boolean;
}

/** What was changed in this turn, and what is on its way into the address. */
let pending: Change | null = null;
let heading: Change | null = null;

/** The parameters that the address has, or will have when it has followed all changes. */
export function wanted(): Given {
  return (pending ?? heading)?.parameters ?? page.url.searchParams;
}

/**
 * Changes the parameters of the address. Changes made in one turn make one entry of the history, or none where all
 * replace; each starts from those before it, whether the address has them already or not.
 */
export function navigate(change: (parameters: Given) => Given, how: "push" | "replace"): void {
  if (pending === null) queueMicrotask(() => void flush());
  pending = { parameters: change(wanted()), push: how === "push" || pending?.push === true };
}

async function flush(): Promise<void> {
  if (pending === null) return;
  const change = pending;
  pending = null;
  const query = change.parameters.toString();
  if (query === wanted().toString()) return;
  // A navigation that is overtaken makes no entry of the history any more.
  if (heading?.push && !isInHistory(heading)) change.push = true;
  heading = change;
  try {
    await goto(`${page.url.pathname}${query && `?${query}`}${page.url.hash}`, { replace: !change.push, reset: false });
  } finally {
    if (heading === change) heading = null;
  }
}

/** The browser's address goes ahead of the page's. */
function isInHistory({ parameters }: Change): boolean {
  return new URLSearchParams(location.search).toString() === parameters.toString();
}
