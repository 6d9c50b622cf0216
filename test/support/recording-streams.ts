import type { Streams } from "../../cli/src/output/streams.ts";

/** Streams that collect what a reporter writes. `columns` is the width of the terminal behind stderr. */
export function recordingStreams(columns?: number): {
  readonly streams: Streams;
  readonly out: () => string;
  readonly err: () => string;
} {
  const out: string[] = [];
  const err: string[] = [];
  return {
    streams: {
      out: { write: (text) => out.push(text) },
      err: { write: (text) => err.push(text), columns },
    },
    out: () => out.join(""),
    err: () => err.join(""),
  };
}
