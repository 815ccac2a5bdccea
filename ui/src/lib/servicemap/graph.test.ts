import { describe, expect, it } from "vitest";
import type { MapEdge, ServiceMapAnswer } from "#lib/api/schema";
import { graphOf } from "./graph";
import { placed } from "./layout";

const edge = (source: string, target: string, calls: number, errors = 0, p95_ms = 10): MapEdge => ({
  kind: "client_server",
  source,
  target,
  calls,
  errors,
  error_rate: errors / calls,
  rate: calls / 60,
  mean_ms: p95_ms,
  p50_ms: p95_ms,
  p95_ms,
  p99_ms: p95_ms,
});

function mapOf(...edges: MapEdge[]): ServiceMapAnswer {
  const ids = [...new Set(edges.flatMap((one) => [one.source, one.target]))];
  return {
    from: "",
    to: "",
    relative_error: 0.04,
    counted_until: "",
    lag_seconds: 0,
    limit: 1000,
    nodes: ids.map((id) => ({ id, type: "service", name: id, system: null })),
    edges,
  };
}

const MAP = mapOf(
  edge("web", "cart", 100),
  edge("cart", "db", 50, 5),
  edge("web", "chat", 10, 0, 4000),
  edge("chat", "db", 20),
  edge("job", "mail", 1),
);
const ids = (focus: string, most = 100) => graphOf(MAP, [], { focus, most }).nodes.map((node) => node.id);

describe("the map", () => {
  it("shows the busiest edges and says how many there are", () => {
    const graph = graphOf(MAP, [], { focus: "", most: 2 });
    expect(graph.edges.map((one) => one.calls)).toEqual([100, 50]);
    expect(graph.found).toBe(5);
    expect(graph.nodes.map((node) => node.id)).toEqual(["web", "cart", "db"]);
  });

  it("shows a node with its neighbours and the calls among them", () => {
    expect(ids("cart")).toEqual(["web", "cart", "db"]);
    expect(ids("web")).toEqual(["web", "cart", "chat"]);
    expect(ids("nobody")).toEqual([]);
  });

  it("tells health by the calls that reach a node", () => {
    const found = Object.fromEntries(graphOf(MAP, [], { focus: "", most: 9 }).nodes.map((n) => [n.id, n.health]));
    expect(found).toEqual({ web: null, cart: "good", db: "bad", chat: "bad", job: null, mail: "good" });
  });

  it("is laid out from callers to callees, cycles too, without two nodes in one place", () => {
    const places = placed(
      ["a", "b", "c", "d"],
      [
        ["a", "b"],
        ["b", "c"],
        ["c", "a"],
        ["a", "d"],
        ["d", "d"],
      ],
    );
    expect(places.size).toBe(4);
    expect(places.get("a")?.x).toBeLessThan(places.get("b")?.x ?? 0);
    expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(4);
  });
});
