import { untrack } from "svelte";

export interface Shortcut {
  /** As KeyboardEvent.key has it, or two keys one after the other: 'g t'. */
  keys: string;
  label: string;
  run: () => void;
}

const CHORD_MS = 1200;
const NAMES: Record<string, string> = {
  " ": "Space",
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** All that is registered; the help sheet lists it. */
class Shortcuts {
  list = $state.raw<Shortcut[]>([]);
  #before = "";
  #at = 0;

  add(shortcut: Shortcut): () => void {
    this.list = [...this.list, shortcut];
    return () => (this.list = this.list.filter((one) => one !== shortcut));
  }

  /** To be called with every key pressed. Keys typed into a field are left alone. */
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const chord = event.timeStamp - this.#at < CHORD_MS ? `${this.#before} ${event.key}` : "";
    this.#before = event.key;
    this.#at = event.timeStamp;
    // The latest one wins: a part of a page may take over a key for as long as it is there.
    const met =
      this.list.findLast(({ keys }) => keys === chord) ?? this.list.findLast(({ keys }) => keys === event.key);
    if (!met) return;
    event.preventDefault();
    this.#at = 0;
    met.run();
  }
}

export const shortcuts = new Shortcuts();

/** Registers a shortcut for as long as the component is there. To be called where a component is set up. */
export function shortcut(keys: string, label: string, run: () => void): void {
  $effect(() => untrack(() => shortcuts.add({ keys, label, run })));
}

/** The keys as a person reads them. */
export function keyNames(keys: string): string[] {
  return (keys === " " ? [" "] : keys.split(" ")).map((key) => NAMES[key] ?? key);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
