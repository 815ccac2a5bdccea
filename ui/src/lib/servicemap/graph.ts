import type { MapEdge, MapNode, ServiceMapAnswer, ServiceRed } from "#lib/api/schema";
import { health, type Health } from "#lib/services/health";

/** A node as it is drawn. */
export interface GraphNode {
  id: string;
  type: string;
  name: string;
  system: string | null;
  /** Null where nothing calls it, so that nothing is known of it. */
  health: Health | null;
  /** Calls a second that reach it. */
  rate: number;
  errorRate: number;
  p95Ms: number | null;
}

export interface Graph {
  nodes: GraphNode[];
  edges: MapEdge[];
  /** Edges there would be without a bound. */
  found: number;
}

export function edgeId(edge: MapEdge): string {
  return `${edge.kind}|${edge.source}|${edge.target}`;
}

/**
 * The busiest edges and their ends. With a focus: that node, those it calls or is called by, and the calls among them.
 * What of services is known by themselves goes before what the calls to them say.
 */
export function graphOf(
  map: ServiceMapAnswer,
  services: readonly ServiceRed[],
  { focus, most }: { focus: string; most: number },
): Graph {
  const near = focus ? neighbours(map.edges, focus) : null;
  const all = near ? map.edges.filter((edge) => near.has(edge.source) && near.has(edge.target)) : map.edges;
  const edges = [...all].sort((one, other) => other.calls - one.calls).slice(0, most);
  const ends = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  const red = new Map(services.map((row) => [`service:${row.service_name}`, row]));
  return {
    nodes: map.nodes.filter((node) => ends.has(node.id)).map((node) => drawn(node, red.get(node.id), map.edges)),
    edges,
    found: all.length,
  };
}

function neighbours(edges: readonly MapEdge[], focus: string): Set<string> {
  const touching = edges.filter((edge) => edge.source === focus || edge.target === focus);
  return new Set([focus, ...touching.flatMap((edge) => [edge.source, edge.target])]);
}

function drawn(node: MapNode, own: ServiceRed | undefined, edges: readonly MapEdge[]): GraphNode {
  const { id, type, name } = node;
  const figures = own ?? called(edges.filter((edge) => edge.target === id));
  return {
    id,
    type,
    name,
    system: node.system,
    health: figures ? health(figures) : null,
    rate: figures?.rate ?? 0,
    errorRate: figures?.error_rate ?? 0,
    p95Ms: figures?.p95_ms ?? null,
  };
}

/** All calls together; the p95 is that of the slowest of them. */
function called(edges: readonly MapEdge[]): { rate: number; error_rate: number; p95_ms: number } | null {
  if (edges.length === 0) return null;
  const sum = (of: (edge: MapEdge) => number) => edges.reduce((total, edge) => total + of(edge), 0);
  return {
    rate: sum((edge) => edge.rate),
    error_rate:
      sum((edge) => edge.errors) /
      Math.max(
        1,
        sum((edge) => edge.calls),
      ),
    p95_ms: Math.max(...edges.map((edge) => edge.p95_ms)),
  };
}
