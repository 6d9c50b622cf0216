/** The messages of the stream, as bytes. Made once and written to every watcher. */
import { formatCursor } from "./cursor.ts";
import type { StoredEvent } from "./ring.ts";

export type FrameName = "hello" | "events" | "view" | "pulse" | "state" | "reset";

const encoder = new TextEncoder();

/** One server-sent event. `id` becomes the reader's Last-Event-ID. `json` holds no line break: JSON.stringify escapes them. */
export function formatFrame(name: FrameName, json: string, id?: string): Uint8Array {
  return encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${json}\n\n`);
}

/** The events that may be seen as one message; its id is the place of the last of them. Null for none: that others happened is nobody's business. */
export function formatEvents(events: readonly StoredEvent[]): Uint8Array | null {
  const seen = events.flatMap(({ place, json }) => (json === null ? [] : [{ place, json }]));
  const last = seen.at(-1);
  if (last === undefined) return null;
  return formatFrame("events", `[${seen.map(({ json }) => json).join(",")}]`, formatCursor(last.place));
}
