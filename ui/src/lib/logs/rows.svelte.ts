import { untrack } from "svelte";
import { answered, api } from "#lib/api/client";
import { ApiError } from "#lib/api/errors";
import { resource, type Resource } from "#lib/api/resource.svelte";
import type { components } from "#lib/api/schema";
import { renewed, together, type LogRow } from "./row";

type Page = components["schemas"]["LogList"];
type Query = Record<string, string>;

const FIRST = 200;
const MORE = 1000;

/** The logs that match, newest first, page by page as one goes on. */
export class LogList {
  rows = $state.raw<LogRow[]>([]);
  /** Where time was up before all was searched: from here on it has been. */
  searchedFrom = $state<string | null>(null);
  loadingMore = $state(false);
  /** Why the next page could not be loaded. */
  moreError = $state.raw<ApiError>();
  first: Resource<{ key: string; page: Page }>;
  #cursor = $state<string | null>(null);
  #key = "";
  #abort: AbortController | undefined;
  #query: () => Query | null;

  /** To be called where a component is set up. query: null where no logs are wanted. */
  constructor(query: () => Query | null) {
    this.#query = query;
    this.first = resource(query, async (wanted, signal) => ({
      key: JSON.stringify(wanted),
      page: await read(wanted, FIRST, undefined, signal),
    }));
    $effect(() => {
      const data = this.first.data;
      if (data) untrack(() => this.#begin(data.key, data.page));
    });
  }

  get isWhole(): boolean {
    return this.#cursor === null;
  }

  /** Goes on where the list ends; a search that took too long goes on only when it is asked to. */
  async more(asked = false): Promise<void> {
    const query = this.#query();
    if (!query || this.#cursor === null || this.loadingMore || (!asked && (this.searchedFrom ?? this.moreError)))
      return;
    // What is shown may still be the answer to another question.
    if (JSON.stringify(query) !== this.#key) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.loadingMore = true;
    try {
      const page = await read(query, MORE, this.#cursor, signal);
      if (signal.aborted) return;
      this.rows = together(this.rows, page.logs);
      this.#ends(page);
    } catch (error) {
      if (!signal.aborted) this.moreError = error instanceof ApiError ? error : new ApiError(0, String(error));
    } finally {
      if (!signal.aborted) this.loadingMore = false;
    }
  }

  #begin(key: string, page: Page): void {
    const kept = key === this.#key ? renewed(page.logs, this.rows) : null;
    if (kept && !page.partial) {
      this.rows = kept;
      return;
    }
    this.#abort?.abort();
    this.loadingMore = false;
    this.#key = key;
    this.rows = page.logs;
    this.#ends(page);
  }

  #ends(page: Page): void {
    this.#cursor = page.next_cursor;
    this.searchedFrom = page.partial?.searched_from ?? null;
    this.moreError = undefined;
  }
}

function read(query: Query, limit: number, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  return answered(api.GET("/api/observability/logs", { params: { query: { ...query, limit, cursor } }, signal }));
}
