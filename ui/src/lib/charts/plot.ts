import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { color } from "#lib/theme/theme.svelte";
import type { Bounds } from "#lib/time/range";
import { tickText, timeTicks } from "./time_ticks";
import { stacked, type ChartSeries, type ChartThreshold } from "./series";

export type PlotKind = "lines" | "area" | "bars";

/** All that makes a plot anew; data of the same shape are set without. */
export interface PlotShape {
  kind: PlotKind;
  series: readonly ChartSeries[];
  thresholds: readonly ChartThreshold[];
  format: (value: number) => string;
  /** Width and height in pixels. */
  size: [number, number];
  onzoom: (bounds: Bounds) => void;
  /** The index of the time under the pointer, and the pointer's place in pixels. */
  onhover: (index: number | null, left: number, top: number) => void;
  ondraw: () => void;
}

const FONT = "11px system-ui, sans-serif";
const LEAST_DRAG_PX = 4;

/** Draws into the element; colours are read now, so a change of theme needs a new plot. */
export function plot(element: HTMLElement, shape: PlotShape, data: uPlot.AlignedData, bounds: Bounds): uPlot {
  return new uPlot(options(shape, bounds), data, element);
}

/** Times in milliseconds and the values of each series, as uPlot has them; bars stand on each other. */
export function aligned(times: readonly number[], series: readonly ChartSeries[], kind: PlotKind): uPlot.AlignedData {
  const values = kind === "bars" ? stacked(series) : series.map((one) => [...one.values]);
  // The lower bars are drawn over the higher ones, which begin at zero too.
  if (kind === "bars") values.reverse();
  return [times.map((time) => time / 1000), ...values];
}

function options(shape: PlotShape, bounds: Bounds): uPlot.Options {
  const grid = { stroke: color("--line"), width: 1 };
  const axis = { stroke: color("--muted"), font: FONT, grid, ticks: { show: false } };
  const drawn = shape.kind === "bars" ? [...shape.series].reverse() : shape.series;
  return {
    width: shape.size[0],
    height: shape.size[1],
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX }, points: { size: 6 }, y: false },
    scales: {
      x: { time: true, range: () => [bounds.from / 1000, bounds.to / 1000] },
      y: { range: (_plot, low, high) => extent(low, high, shape) },
    },
    axes: [
      {
        ...axis,
        size: 26,
        splits: (_plot, _axis, low, high) => splits(low, high, shape.size[0]),
        values: (_plot, times) =>
          times.map((time) => tickText(time * 1000, 1000 * ((times[1] ?? 0) - (times[0] ?? 0)))),
      },
      { ...axis, size: 62, values: (_plot, values) => values.map(shape.format) },
    ],
    series: [{}, ...drawn.map((one) => seriesOptions(one, shape.kind))],
    hooks: {
      setSelect: [(plot) => selected(plot, shape.onzoom)],
      setCursor: [({ cursor }) => shape.onhover(cursor.idx ?? null, cursor.left ?? 0, cursor.top ?? 0)],
      draw: [(plot) => shape.thresholds.forEach((one) => threshold(plot, one)), shape.ondraw],
    },
  };
}

function seriesOptions({ label, color: name }: ChartSeries, kind: PlotKind): uPlot.Series {
  const stroke = color(name);
  if (kind === "bars") {
    return {
      label,
      fill: stroke,
      width: 0,
      points: { show: false },
      paths: uPlot.paths.bars?.({ size: [0.9, 60], align: 1 }),
    };
  }
  const fill = kind === "area" ? `${stroke}22` : undefined;
  return {
    label,
    stroke,
    fill,
    width: 1.5,
    spanGaps: false,
    points: { size: 5, fill: stroke, show: true, filter: alone },
  };
}

/** The points that no line leads to. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return Array.from(values.keys()).filter((index) => known(index) && !known(index - 1) && !known(index + 1));
}

function splits(low: number, high: number, width: number): number[] {
  const offset = -new Date(low * 1000).getTimezoneOffset();
  return timeTicks(low * 1000, high * 1000, Math.max(width / 90, 2), offset).map((time) => time / 1000);
}

function extent(low: number | null, high: number | null, shape: PlotShape): [number, number] {
  const levels = shape.thresholds.map((one) => one.value);
  const top = Math.max(high ?? 0, ...levels);
  const bottom = Math.min(low ?? 0, 0, ...levels);
  return top === bottom ? [bottom, bottom + 1] : [bottom, top + (top - bottom) * 0.06];
}

function selected(plot: uPlot, onzoom: (bounds: Bounds) => void): void {
  const { left, width } = plot.select;
  if (width < LEAST_DRAG_PX) return;
  const time = (position: number) => plot.posToVal(position, "x") * 1000;
  onzoom({ from: time(left), to: time(left + width) });
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

function threshold(plot: uPlot, { value, color: name }: ChartThreshold): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, "y", true);
  ctx.save();
  ctx.strokeStyle = color(name);
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
