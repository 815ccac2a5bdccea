import { ApiError } from "#lib/api/errors";

/** Saving what a form holds: whether it is under way, what went wrong, and what is there if somebody was faster. */
export class Saving<T> {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** What is there now; set after a 412. */
  newer = $state.raw<T | null>(null);

  /** True when it was saved. current: what is there now. */
  async run(save: () => Promise<unknown>, current?: () => Promise<T>): Promise<boolean> {
    this.busy = true;
    this.error = null;
    try {
      await save();
      return true;
    } catch (failure) {
      this.error = failure instanceof ApiError ? failure : new ApiError(0, String(failure));
      if (this.error.status === 412) this.newer = (await current?.().catch(() => null)) ?? null;
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** To be called when the form goes on from what is there now. */
  settle(): void {
    this.newer = this.error = null;
  }

  /** What is wrong with a field, or with a part of it. */
  mistakeAt(field: string): string | undefined {
    return this.error?.mistakes.find((one) => one.field === field || one.field.startsWith(`${field}.`))?.message;
  }

  /** The error, where none of these fields tells it. */
  elsewhere(fields: readonly string[]): ApiError | null {
    const { error } = this;
    if (!error || this.newer) return null;
    const told =
      error.mistakes.length > 0 &&
      error.mistakes.every(({ field }) => fields.some((name) => field === name || field.startsWith(`${name}.`)));
    return told ? null : error;
  }
}
