/** A value once it has not changed for a while, so that not every key asks the server. Set up with a component. */
export function settled<T>(of: () => T, pauseMs = 400): { readonly value: T } {
  let value = $state.raw(of());
  const text = $derived(JSON.stringify(of()));
  $effect(() => {
    const wanted = JSON.parse(text) as T;
    const timer = setTimeout(() => (value = wanted), pauseMs);
    return () => clearTimeout(timer);
  });
  return {
    get value() {
      return value;
    },
  };
}
