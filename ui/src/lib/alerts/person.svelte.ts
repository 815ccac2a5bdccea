import { session } from "#lib/shell/session.svelte";

/** Asks who somebody is before they do what is recorded under a name. `NamePrompt` shows the question. */
class Person {
  /** What goes on once there is a name. */
  waiting = $state.raw<((name: string) => void) | null>(null);

  /** Runs it with the name of whoever looks; asks for it first where nobody said it. */
  named(run: (name: string) => void): void {
    if (session.name) run(session.name);
    else this.waiting = run;
  }

  answer(name: string): void {
    const run = this.waiting;
    this.waiting = null;
    session.call(name);
    run?.(session.name);
  }
}

export const person = new Person();
