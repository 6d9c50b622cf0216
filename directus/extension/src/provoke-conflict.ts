import type { Accountability, ExtensionContext, ItemsService } from "./directus-api.ts";
import { MusterRefusal, refusalOf } from "./muster-refusal.ts";

/** Two sessions of one caller: the second may not take what the first holds. */
const FIRST_SESSION = "conflict-probe-1";
const SECOND_SESSION = "conflict-probe-2";
/** Enough to pass over tasks that this caller may not claim for a reason of its own. */
const CANDIDATES_PER_STATUS = 3;

/** No hooks, flows or events: nobody may hear of a claim that never happened. Made anew: Directus counts mutations in the object it is given. */
const silent = () => ({ emitEvents: false });

/**
 * Proves that the law speaks through this Directus: as the caller, claims a task that another holds, or a ready one under two sessions,
 * through the same service as a PATCH, inside a transaction that never commits. Rejects with MUSTER_CLAIM_CONFLICT, or with the law's
 * refusal of the last claim it tried (MUSTER_WIP_LIMIT, …), or MUSTER_NOT_FOUND when no task is held or ready. Leaves no trace.
 */
export async function provokeConflict(
  context: ExtensionContext,
  caller: Accountability,
  schema: unknown,
): Promise<never> {
  const tasksIn = (knex: ExtensionContext["database"]) =>
    new context.services.ItemsService("os_tasks", { schema, accountability: caller, knex });
  let refusal = refusalOf("MUSTER_NOT_FOUND");
  for (const key of await findCandidates(tasksIn(context.database), caller)) {
    refusal = await context.database
      .transaction(async (trx): Promise<never> => {
        const tasks = tasksIn(trx);
        await tasks.updateOne(key, { claim_session: FIRST_SESSION }, silent());
        await tasks.updateOne(key, { claim_session: SECOND_SESSION }, silent());
        // Throwing is what rolls back: reaching this line means that the law let two sessions in.
        throw refusalOf("MUSTER_INTERNAL");
      })
      .catch(keepRefusal);
    if (refusal.code === "MUSTER_CLAIM_CONFLICT" || refusal.code === "MUSTER_INTERNAL") break;
  }
  throw refusal;
}

/** Anything but a refusal of ours is not what the law says, and passes on as it is. */
function keepRefusal(error: unknown): MusterRefusal {
  if (error instanceof MusterRefusal) return error;
  throw error;
}

/** Held tasks first: whoever asks, and however much it holds itself, the law refuses those with a conflict. */
async function findCandidates(tasks: ItemsService, caller: Accountability): Promise<readonly string[]> {
  const held = { status: { _eq: "in_progress" }, assigned_to: { _neq: caller.user } };
  const ready = { status: { _eq: "ready" } };
  const rows = [
    ...(await tasks.readByQuery(queryOf(held, "-lease_expires_at"), silent())),
    ...(await tasks.readByQuery(queryOf(ready, "number"), silent())),
  ];
  return rows.flatMap((row) =>
    typeof row === "object" && row !== null && "id" in row && typeof row.id === "string" ? [row.id] : [],
  );
}

function queryOf(filter: Readonly<Record<string, unknown>>, order: string) {
  return { fields: ["id"], filter, sort: [order], limit: CANDIDATES_PER_STATUS };
}
