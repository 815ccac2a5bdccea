import { answered, api } from "#lib/api/client";
import { resource, type Resource } from "#lib/api/resource.svelte";

const EVERY_MS = 15_000;

/** How many alerts fire, kept current. To be called by the shell. */
export function firingCount(): Resource<number> {
  const counts = resource(
    () => "firing",
    async (_key, signal) => {
      const { firing } = await answered(api.GET("/api/observability/alerts/counts", { signal }));
      return firing;
    },
  );
  $effect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") counts.refresh();
    }, EVERY_MS);
    return () => clearInterval(timer);
  });
  return counts;
}
