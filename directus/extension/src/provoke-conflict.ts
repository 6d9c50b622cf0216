import type { Accountability, ExtensionContext, ItemsService } from "./directus-api.ts";
import { refusalOf } from "./muster-refusal.ts";

/** Two sessions of one caller: the second may not take what the first holds. */
const FIRST_SESSION = "conflict-probe-1";
const SECOND_SESSION = "conflict-probe-2";
/** No hooks, flows or events: nothing outside the transaction may hear of a claim that never happened. */
const SILENT = { emitEvents: false } as const;

/**
 * Proves that the law speaks through this Directus: as the caller, claims a ready task under one session and then under another,
 * through the same service as a PATCH, inside one transaction that never commits. Rejects with MUSTER_CLAIM_CONFLICT, or with
 * the law's refusal of the first claim (MUSTER_WIP_LIMIT, …), or MUSTER_NOT_FOUND when no task is ready. Leaves no trace.
 */
export async function provokeConflict(
  context: ExtensionContext,
  caller: Accountability,
  schema: unknown,
): Promise<never> {
  return context.database.transaction(async (trx) => {
    const tasks = new context.services.ItemsService("os_tasks", { schema, accountability: caller, knex: trx });
    const key = await findReadyTask(tasks);
    await tasks.updateOne(key, { claim_session: FIRST_SESSION }, SILENT);
    await tasks.updateOne(key, { claim_session: SECOND_SESSION }, SILENT);
    // Throwing is what rolls back: reaching this line means that the law let two sessions in.
    throw refusalOf("MUSTER_INTERNAL");
  });
}

async function findReadyTask(tasks: ItemsService): Promise<string> {
  const query = { fields: ["id"], filter: { status: { _eq: "ready" } }, sort: ["number"], limit: 1 };
  const [row] = await tasks.readByQuery(query, SILENT);
  if (typeof row !== "object" || row === null || !("id" in row) || typeof row.id !== "string") {
    throw refusalOf("MUSTER_NOT_FOUND");
  }
  return row.id;
}
