import { SvelteSet } from "svelte/reactivity";
import { ApiError } from "#lib/api/errors";
import { act, type Act } from "./acting";
import { person } from "./person.svelte";

/** What people do with alerts: which are under way, and what went wrong last. */
export class Acts {
  readonly busy = new SvelteSet<string>();
  error = $state.raw<ApiError | null>(null);
  #done: () => void;

  /** done: called after each, whether it went well or not: what is shown may be old either way. */
  constructor(done: () => void) {
    this.#done = done;
  }

  run(what: Act, ...instances: string[]): void {
    person.named((name) => void this.#all(what, instances, name));
  }

  async #all(what: Act, instances: readonly string[], name: string): Promise<void> {
    this.error = null;
    for (const instance of instances) this.busy.add(instance);
    try {
      for (const instance of instances) await act(what, instance, name);
    } catch (failure) {
      this.error = failure instanceof ApiError ? failure : new ApiError(0, String(failure));
    } finally {
      for (const instance of instances) this.busy.delete(instance);
      this.#done();
    }
  }
}
