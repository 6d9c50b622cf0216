/** The messages of the stream, as bytes. Made once and written to every watcher. */
import { formatCursor } from "./cursor.ts";
import type { StoredEvent } from "./ring.ts";

export type FrameName = "hello" | "events" | "view" | "pulse" | "state" | "reset";

const encoder = new TextEncoder();

/** One server-sent event. `id` becomes the reader's Last-Event-ID. `json` holds no line break: JSON.stringify escapes them. */
export function formatFrame(name: FrameName, json: string, id?: string): Uint8Array {
  return encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${json}\n\n`);
}

/** Events as one message; its id is the place of the last one, seen or not. Null for none. */
export function formatEvents(events: readonly StoredEvent[]): Uint8Array | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const json = `[${events.flatMap((event) => (event.json === null ? [] : [event.json])).join(",")}]`;
  return formatFrame("events", json, formatCursor(last.place));
}
