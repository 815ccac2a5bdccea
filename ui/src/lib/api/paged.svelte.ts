import { ApiError } from "./errors";
import { resource } from "./resource.svelte";

/** One page of a list, and the cursor of the next; null at the end. */
export interface Slice<T> {
  items: readonly T[];
  next: string | null;
}

/** A list that is loaded page by page. */
export interface Paged<T> {
  /** All that is loaded; undefined before the first page is there. */
  readonly data: readonly T[] | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly waiting: boolean;
  readonly hasMore: boolean;
  /** From the first page on. */
  refresh(): void;
  /** Loads the next page, unless one is loading or there is none. */
  more(): void;
}

/** As `resource`: a change of the key begins anew. It does not follow the refreshes of the time range. */
export function paged<K, T>(
  key: () => K | null,
  load: (key: K, cursor: string | null, signal: AbortSignal) => Promise<Slice<T>>,
): Paged<T> {
  const first = resource(key, async (wanted, signal) => ({ wanted, ...(await load(wanted, null, signal)) }), {
    live: false,
  });
  let further = $state.raw<readonly T[]>([]);
  let next = $state<string | null>(null);
  let failure = $state.raw<ApiError>();
  let asking = $state.raw<AbortController>();

  $effect(() => {
    next = first.data?.next ?? null;
    further = [];
    failure = undefined;
    return () => asking?.abort();
  });

  async function more(): Promise<void> {
    if (!first.data || next === null || asking) return;
    const controller = new AbortController();
    asking = controller;
    try {
      const slice = await load(first.data.wanted, next, controller.signal);
      if (controller.signal.aborted) return;
      further = [...further, ...slice.items];
      next = slice.next;
      failure = undefined;
    } catch (error) {
      if (!controller.signal.aborted) failure = error instanceof ApiError ? error : new ApiError(0, String(error));
    } finally {
      if (asking === controller) asking = undefined;
    }
  }

  return {
    get data() {
      return first.data && [...first.data.items, ...further];
    },
    get error() {
      return first.error ?? failure;
    },
    get loading() {
      return first.loading || asking !== undefined;
    },
    get waiting() {
      return first.waiting;
    },
    get hasMore() {
      return next !== null;
    },
    refresh: () => first.refresh(),
    more: () => void more(),
  };
}
