/**
 * Reads what the board recorded. Needs a login that may read schema muster; one statement, so one snapshot, and a head of the queue that is
 * held where it was: claims do not wait for it.
 */
import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import type { BoardRecord } from "./history.ts";

const fields = z.record(z.string(), z.unknown());
const rank = z.string().transform((text) => BigInt(text));

const PARTS = {
  clock: z.object({ readAt: z.number(), lockDelayMs: z.number() }),
  task: z.object({ id: z.string(), row: fields }),
  event: z.object({
    id: z.number(),
    entity: z.string(),
    entityId: z.string(),
    version: z.int(),
    kind: z.string(),
    actor: z.string().nullable(),
    isSteward: z.boolean(),
    epoch: z.int().nullable(),
    before: fields.nullable(),
    after: fields,
    at: z.number(),
    origin: z.string(),
  }),
  claim: z.object({
    task: z.string(),
    epoch: z.int(),
    kind: z.string(),
    holder: z.string().nullable(),
    session: z.string().nullable(),
    modelFamily: z.string().nullable(),
    claimedAt: z.number(),
    endedAt: z.number().nullable(),
    endedBy: z.string().nullable(),
  }),
  lease: z.object({
    task: z.string(),
    kind: z.string(),
    epoch: z.int(),
    holder: z.string().nullable(),
    expiresAt: z.number(),
  }),
  dependency: z.object({ id: z.string(), task: z.string(), dependsOn: z.string(), dependsOnStatus: z.string() }),
  verification: z.object({
    task: z.string(),
    epoch: z.int().nullable(),
    verdict: z.string(),
    verifier: z.string().nullable(),
    session: z.string().nullable(),
    modelFamily: z.string().nullable(),
    risk: z.string(),
  }),
  place: z.object({ task: z.string(), rank, wanted: rank, head: rank }),
  operation: z.object({ op: z.string(), verb: z.string() }),
};

const partRow = z.object({ part: z.string(), row: z.unknown() });

/**
 * @param db one connection: a pool would hold the queue on one and release it on another
 * @param tasks ids of the tasks to read; by default every task, with the events of everything else too
 */
export async function collectHistory(db: Queryable, tasks?: readonly string[]): Promise<BoardRecord> {
  const rows = await readAtRest(db, tasks ?? null);
  const parts = Map.groupBy(z.array(partRow).parse(rows), ({ part }) => part);
  const read = <Row>(part: string, shape: z.ZodType<Row>) => (parts.get(part) ?? []).map(({ row }) => shape.parse(row));
  const [clock] = read("clock", PARTS.clock);
  if (clock === undefined) throw new Error("The board did not say what time it is.");
  return {
    ...clock,
    tasks: read("task", PARTS.task),
    events: read("event", PARTS.event),
    claims: read("claim", PARTS.claim),
    leases: read("lease", PARTS.lease),
    dependencies: read("dependency", PARTS.dependency),
    verifications: read("verification", PARTS.verification),
    queue: read("place", PARTS.place),
    operations: read("operation", PARTS.operation),
  };
}

async function readAtRest(db: Queryable, tasks: readonly string[] | null): Promise<unknown[]> {
  await db.query(loadQuery("history.hold-queue"));
  try {
    return (await db.query(loadQuery("history.collect"), [tasks])).rows;
  } finally {
    await db.query(loadQuery("history.release-queue"));
  }
}
