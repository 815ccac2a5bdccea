import { Graph, layout } from "@dagrejs/dagre";

export const WIDTH = 176;
export const HEIGHT = 52;

export interface Place {
  /** Of the upper left corner. */
  x: number;
  y: number;
}

/** Where the nodes stand: callers left of those they call. Both ends of an edge MUST be among the ids. */
export function placed(ids: readonly string[], edges: readonly (readonly [string, string])[]): Map<string, Place> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 56 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const [source, target] of edges) if (source !== target) graph.setEdge(source, target);
  layout(graph);
  return new Map(
    ids.map((id) => {
      const { x, y } = graph.node(id) as { x: number; y: number };
      return [id, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    }),
  );
}
