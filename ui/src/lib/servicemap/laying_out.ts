import type { Graph } from "./graph";
import type { Place } from "./layout";

/** Where the graph's nodes stand, found beside the page. Throws the signal's reason when it is aborted. */
export function layOut(graph: Graph, signal: AbortSignal): Promise<Map<string, Place>> {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  const laid = new Promise<Map<string, Place>>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Map<string, Place>>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "The map could not be laid out"));
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    worker.postMessage([graph.nodes.map((node) => node.id), graph.edges.map((edge) => [edge.source, edge.target])]);
  });
  return laid.finally(() => worker.terminate());
}
