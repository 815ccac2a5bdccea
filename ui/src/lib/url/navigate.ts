import { goto } from "$app/navigation";
import { page } from "$app/state";
import type { Given } from "./codec";

interface Pending {
  parameters: Given;
  push: boolean;
}

let pending: Pending | null = null;

/**
 * Changes the parameters of the address. Changes made in one turn make one entry of the history, or none where all
 * replace.
 */
export function navigate(change: (parameters: Given) => Given, how: "push" | "replace"): void {
  if (pending === null) {
    pending = { parameters: page.url.searchParams, push: false };
    queueMicrotask(flush);
  }
  pending = { parameters: change(pending.parameters), push: pending.push || how === "push" };
}

function flush(): void {
  if (pending === null) return;
  const { parameters, push } = pending;
  pending = null;
  const query = parameters.toString();
  if (query === page.url.searchParams.toString()) return;
  void goto(`${page.url.pathname}${query && `?${query}`}${page.url.hash}`, { replace: !push, reset: false });
}
