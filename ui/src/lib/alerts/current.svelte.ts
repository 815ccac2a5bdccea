const EVERY_MS = 10_000;

interface Refreshed {
  refresh(): void;
}

/** Loads again every ten seconds while somebody looks. To be called where a component is set up. */
export function keepCurrent(...all: Refreshed[]): void {
  $effect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") all.forEach((one) => one.refresh());
    }, EVERY_MS);
    return () => clearInterval(timer);
  });
}
