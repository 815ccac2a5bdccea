import { untrack } from "svelte";
import { timeRange } from "#lib/time/range.svelte";
import { connection } from "./connection.svelte";
import { ApiError } from "./errors";

const SKELETON_AFTER_MS = 200;

/** Data that is loaded for a key, and anew whenever the key changes. */
export interface Resource<T> {
  /** The last that was loaded; it stays while its successor is loading. */
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  /** Nothing to show yet, and for so long that a skeleton is due. */
  readonly waiting: boolean;
  refresh(): void;
}

interface Options {
  /** Load again with each refresh of the time range, by hand or live. Default: true. */
  live?: boolean;
}

/**
 * To be called where a component is set up. `key` is read reactively; null means nothing is wanted, and empties it.
 * A load that is superseded is aborted. All load again when the connection comes back.
 */
export function resource<K, T>(
  key: () => K | null,
  load: (key: K, signal: AbortSignal) => Promise<T>,
  { live = true }: Options = {},
): Resource<T> {
  let data = $state.raw<T>();
  let error = $state.raw<ApiError>();
  let loading = $state(false);
  let waiting = $state(false);
  let asked = $state(0);
  const text = $derived(JSON.stringify(key()));

  async function run(wanted: K, signal: AbortSignal): Promise<void> {
    loading = true;
    const timer = setTimeout(() => (waiting = data === undefined), SKELETON_AFTER_MS);
    try {
      const loaded = await load(wanted, signal);
      if (signal.aborted) return;
      data = loaded;
      error = undefined;
    } catch (failure) {
      if (signal.aborted) return;
      error = failure instanceof ApiError ? failure : new ApiError(0, String(failure));
    } finally {
      clearTimeout(timer);
      if (!signal.aborted) loading = waiting = false;
    }
  }

  $effect(() => {
    void [asked, connection.recoveries, live && timeRange.refreshes];
    const wanted = text === "null" || text === undefined ? null : (JSON.parse(text) as K);
    if (wanted === null) {
      data = error = undefined;
      loading = waiting = false;
      return;
    }
    const controller = new AbortController();
    untrack(() => void run(wanted, controller.signal));
    return () => controller.abort();
  });

  return {
    get data() {
      return data;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    get waiting() {
      return waiting;
    },
    refresh: () => (asked += 1),
  };
}
