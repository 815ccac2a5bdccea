import type { Log } from "#lib/api/schema";
import { nanosOf } from "#lib/format/nanos";
import type { Outline } from "../outline/outline";

/** A log on the bar of its span. */
export interface LogMark {
  at: number;
  level: string;
}

const MOST_OF_A_SPAN = 20;

/** The logs of each span by its id, the severest first where there are too many to draw. */
export function logMarks(outline: Outline, logs: readonly Log[]): Map<string, LogMark[]> {
  const marks = new Map<string, LogMark[]>();
  for (const log of logs) {
    if (!log.span_id) continue;
    const mark = { at: Number(nanosOf(log.timestamp) - outline.start), level: log.level };
    const of = marks.get(log.span_id);
    if (!of) marks.set(log.span_id, [mark]);
    else if (of.length < MOST_OF_A_SPAN) of.push(mark);
    else if (isSevere(log.level)) replaceMild(of, mark);
  }
  return marks;
}

function replaceMild(marks: LogMark[], mark: LogMark): void {
  const mild = marks.findIndex((other) => !isSevere(other.level));
  if (mild >= 0) marks[mild] = mark;
}

function isSevere(level: string): boolean {
  return level === "ERROR" || level === "CRITICAL";
}
