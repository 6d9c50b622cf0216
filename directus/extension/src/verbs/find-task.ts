import { refusalOf } from "../muster-refusal.ts";
import type { Desk } from "./verb.ts";

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The named fields of one task, with the caller's own right to read it. @throws MusterRefusal MUSTER_NOT_FOUND */
export async function findTask(
  desk: Desk,
  task: string,
  fields: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await desk.readTasks({ fields, filter: filterOf(task), limit: 1 });
  if (typeof row !== "object" || row === null) throw refusalOf("MUSTER_NOT_FOUND");
  return { ...row };
}

function filterOf(task: string): Readonly<Record<string, unknown>> {
  if (UUID.test(task)) return { id: { _eq: task } };
  // 0 is no task's number.
  return { number: { _eq: Number(/^#?(\d{1,9})$/.exec(task.trim())?.[1] ?? 0) } };
}
