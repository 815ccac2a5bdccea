import { ApiError } from "#lib/api/errors";

/** Something that a person has done by a click: whether it runs, and why it failed. */
export class Act {
  busy = $state(false);
  error = $state.raw<ApiError>();

  /** Runs it unless it runs already; whether it went well. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = undefined;
    try {
      await work();
      return true;
    } catch (failure) {
      this.error = failure instanceof ApiError ? failure : new ApiError(0, String(failure));
      return false;
    } finally {
      this.busy = false;
    }
  }
}
