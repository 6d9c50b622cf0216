import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";

/** Enough for any sensible number of lines at 256 bytes each; a log of gigabytes must not be read whole. */
const TAIL_BYTES = 256 * 1024;

/** The last lines of a file, none when it is not there. */
export function readTail(path: string, count: number): readonly string[] {
  if (!existsSync(path)) return [];
  const size = statSync(path).size;
  const length = Math.min(size, TAIL_BYTES);
  const buffer = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    readSync(file, buffer, 0, length, size - length);
  } finally {
    closeSync(file);
  }
  const lines = buffer.toString("utf8").split("\n");
  if (size > length) lines.shift();
  return lines.filter((line) => line !== "").slice(-count);
}

export interface LogLines {
  readonly service: string;
  readonly lines: readonly string[];
}

export interface MergedLine {
  readonly at: string | null;
  readonly service: string;
  readonly line: string;
}

/**
 * The lines of several logs in the order in which they were written. A line without a time of its own (a stack trace) stays behind the one above it;
 * what comes before a log's first time is put first. Pure.
 */
export function mergeLines(logs: readonly LogLines[]): readonly MergedLine[] {
  return logs
    .flatMap(({ service, lines }) => {
      let last = Number.NEGATIVE_INFINITY;
      return lines.map((line, index) => {
        last = timeOf(line) ?? last;
        return { service, line, index, time: last };
      });
    })
    .sort((a, b) => (a.time === b.time ? (a.service === b.service ? a.index - b.index : 0) : a.time - b.time))
    .map(({ service, line, time }) => ({
      at: Number.isFinite(time) ? new Date(time).toISOString() : null,
      service,
      line,
    }));
}

/** Milliseconds since 1970 from "2026-11-29 12:04:14.197 UTC", an ISO time at the start, or pino's "time". */
export function timeOf(line: string): number | null {
  const written = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(line);
  if (written !== null) return Date.parse(`${written[1]}T${written[2]}Z`);
  const pino = /"time":(\d{13})\b/.exec(line)?.[1];
  return pino === undefined ? null : Number(pino);
}
