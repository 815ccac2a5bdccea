import { untrack } from "svelte";
import { answered, api } from "#lib/api/client";
import { ApiError } from "#lib/api/errors";
import { resource, type Resource } from "#lib/api/resource.svelte";
import type { Trace, TraceList as Page } from "#lib/api/schema";
import { renewed } from "./merging";

export type Query = { from: string; to?: string; q?: string; status?: string; min_duration_ms?: number };

const PAGE = 100;

/** The traces that match, newest first, page by page as one goes on; a refresh keeps what was loaded further down. */
export class TraceList {
  traces = $state.raw<readonly Trace[]>([]);
  loadingMore = $state(false);
  /** Why the next page could not be loaded. */
  moreError = $state.raw<ApiError>();
  first: Resource<{ key: string; page: Page }>;
  #cursor = $state<string | null>(null);
  #partial = $state<string | null>(null);
  #key = "";
  #abort: AbortController | undefined;
  #query: () => Query;

  /** To be called where a component is set up. */
  constructor(query: () => Query) {
    this.#query = query;
    this.first = resource(query, async (wanted, signal) => ({
      key: JSON.stringify(wanted),
      page: await read(wanted, true, undefined, signal),
    }));
    $effect(() => {
      const data = this.first.data;
      if (data) untrack(() => this.#begin(data.key, data.page));
    });
  }

  get total(): number | null {
    return this.first.data?.page.total ?? null;
  }

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** Where time was up before all was searched: from here on it has been. */
  get searchedFrom(): string | null {
    return this.#partial;
  }

  async more(): Promise<void> {
    if (this.#cursor === null || this.loadingMore || this.first.loading) return;
    const abort = (this.#abort = new AbortController());
    this.loadingMore = true;
    try {
      const page = await read(this.#query(), false, this.#cursor, abort.signal);
      if (abort.signal.aborted) return;
      this.traces = [...this.traces, ...page.traces];
      this.#continue(page);
      this.moreError = undefined;
    } catch (error) {
      if (!abort.signal.aborted) this.moreError = error instanceof ApiError ? error : new ApiError(0, String(error));
    } finally {
      if (this.#abort === abort) this.loadingMore = false;
    }
  }

  #begin(key: string, page: Page): void {
    this.#abort?.abort();
    this.loadingMore = false;
    this.moreError = undefined;
    const same = key === this.#key;
    const before = this.traces;
    this.#key = key;
    this.traces = same ? renewed(page.traces, before) : page.traces;
    // Further pages go on from where they had come to.
    if (!same || this.traces.length === page.traces.length) this.#continue(page);
  }

  #continue(page: Page): void {
    this.#cursor = page.next_cursor;
    this.#partial = page.partial?.searched_from ?? null;
  }
}

function read(query: Query, total: boolean, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  return answered(
    api.GET("/api/observability/traces", { params: { query: { ...query, total, cursor, limit: PAGE } }, signal }),
  );
}
