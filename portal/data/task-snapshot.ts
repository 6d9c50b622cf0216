/** Every task of the board in one narrow row, for readers that filter by themselves. */
import { z } from "zod";
import { readInstance } from "./instance.ts";
import { readSnapshot } from "./snapshot.ts";

/** Order of the values of a task. `updated` is in seconds since 1970. */
export const COLUMNS = [
  ...["number", "title", "status", "priority", "risk", "class", "project", "phase", "agent", "attempt"],
  ...["blocked_type", "updated"],
] as const;

const TasksRow = z.object({ tasks: z.string().nullable() });

export interface TaskSnapshot {
  /** Changes with every event and every restore. */
  readonly version: string;
  /** The document, as JSON. The database writes the list; nothing is parsed on the way. */
  readonly json: string;
}

/** `known`: the version that the reader has; null is answered when nothing has changed since. */
export function readTaskSnapshot(known: string | null): Promise<TaskSnapshot | null> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    // Counted: an event that commits late stands before the newest one.
    const version = [instance.incarnation, instance.events, instance.last_event_id ?? 0, instance.live_leases].join(
      ".",
    );
    if (version === known) return null;
    const row = await snapshot.find("snapshot.tasks", TasksRow);
    const head = { read_at: instance.server_now.toISOString(), columns: COLUMNS };
    return { version, json: `${JSON.stringify(head).slice(0, -1)},"tasks":${row?.tasks ?? "[]"}}` };
  });
}
