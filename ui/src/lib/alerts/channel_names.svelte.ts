import { answered, api } from "#lib/api/client";
import { resource, type Resource } from "#lib/api/resource.svelte";

const ALWAYS = ["email", "slack"];

/** Channels that can be named: those that are kept, and the two that are there without. Set up with a component. */
export function channelNames(): Resource<string[]> {
  return resource(
    () => "channels",
    async (_key, signal) => {
      const { channels } = await answered(api.GET("/api/observability/alerts/channels", { signal }));
      const kept = channels.map(({ name }) => name);
      return [...kept, ...ALWAYS.filter((name) => !kept.includes(name))].sort();
    },
    { live: false },
  );
}
