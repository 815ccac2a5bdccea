import { HEIGHT, WIDTH } from "./layout";

const [w, h] = [WIDTH - 2, HEIGHT - 2];

/** The outlines of nodes by type, one pixel within their box: services are boxes; a database is a drum, a queue a pipe,
 * a model a hexagon, and what is outside an oval. */
const SHAPES: Record<string, string> = {
  service: rounded(6),
  database: `M1 6 a${w / 2} 5 0 0 1 ${w} 0 V${h - 4} a${w / 2} 5 0 0 1 ${-w} 0 Z M1 6 a${w / 2} 5 0 0 0 ${w} 0`,
  queue: `M11 1 H${w - 9} a10 ${h / 2} 0 0 1 0 ${h} H11 a10 ${h / 2} 0 0 1 0 ${-h} Z M${w - 9} 1 a10 ${h / 2} 0 0 0 0 ${h}`,
  model: `M16 1 H${w - 14} L${w + 1} ${h / 2 + 1} L${w - 14} ${h + 1} H16 L1 ${h / 2 + 1} Z`,
  outside: rounded(h / 2),
};

export const TYPES = ["service", "database", "queue", "model", "outside"] as const;

export function shapeOf(type: string): string {
  return SHAPES[type] ?? rounded(6);
}

function rounded(r: number): string {
  const turn = (x: number, y: number) => `a${r} ${r} 0 0 1 ${x} ${y}`;
  return `M${1 + r} 1 h${w - 2 * r} ${turn(r, r)} v${h - 2 * r} ${turn(-r, r)} h${2 * r - w} ${turn(-r, -r)} v${2 * r - h} ${turn(r, -r)} Z`;
}
