import { z } from "zod";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { BigCount, Instant, readSnapshot, type Snapshot } from "./snapshot.ts";

const ReceiptLineRow = z.object({
  number: z.int(),
  ref: z.string(),
  task: z.int(),
  title: z.string(),
  caught_by: z.string().nullable(),
  needed_fleet: z.string().nullable(),
  issued_at: Instant,
  verifier: z.string().nullable(),
  verifier_family: z.string().nullable(),
  author: z.string().nullable(),
  author_family: z.string().nullable(),
});
export type ReceiptLine = z.infer<typeof ReceiptLineRow>;

/** Agents write the steps, so a step may lack a time or hold an unknown name; a row that is no step at all is left out. */
const StepRow = z.object({ name: z.string(), at: z.coerce.date().nullable().catch(null), text: z.string() });
const Steps = z.array(z.unknown()).transform((steps) => steps.flatMap((step) => StepRow.safeParse(step).data ?? []));

const ReceiptRow = z.object({
  number: z.int(),
  ref: z.string(),
  task: z.int(),
  title: z.string(),
  symptom: z.string().nullable(),
  board_row: z.string().nullable(),
  verifier_claim: z.string().nullable(),
  caught_by: z.string().nullable(),
  closing_note: z.string().nullable(),
  fix_commit: z.string().nullable(),
  needed_fleet: z.string().nullable(),
  attribution: z.string().nullable(),
  steps: Steps,
  prev_hash: z.string().nullable(),
  hash: z.string().nullable(),
  origin: z.string(),
  issued_at: Instant,
  task_title: z.string(),
  task_status: z.string(),
  phase: z.string().nullable(),
  attempt: z.int(),
  max_attempts: z.int(),
  submitted_commit: z.string().nullable(),
  author: z.string().nullable(),
  author_family: z.string().nullable(),
  verifier: z.string().nullable(),
  verifier_family: z.string().nullable(),
  /** Of all claims on the task; null: not for strangers. */
  tokens: BigCount.nullable(),
  /** Null: not known, or not for strangers. */
  repository_url: z.string().nullable(),
});
export type Receipt = z.infer<typeof ReceiptRow>;

const NeighbourRow = z.object({ number: z.int(), ref: z.string(), title: z.string() });
export type ReceiptNeighbour = z.infer<typeof NeighbourRow>;

export interface ReceiptFacts {
  readonly instance: InstanceTotals;
  readonly receipt: Receipt;
  readonly neighbours: readonly ReceiptNeighbour[];
}

const FleetRow = z.object({ needed_fleet: z.string().nullable(), receipts: z.int() });

export interface LedgerFacts {
  readonly instance: InstanceTotals;
  /** Over all receipts, by their answer to "needed the fleet?". */
  readonly fleet: readonly z.infer<typeof FleetRow>[];
  /** Of one page. */
  readonly receipts: readonly ReceiptLine[];
}

export const LEDGER_PAGE = 100;

/** Newest first. */
export function readReceipts(snapshot: Snapshot, limit: number, skipped = 0): Promise<readonly ReceiptLine[]> {
  return snapshot.list("receipt.list", ReceiptLineRow, [limit, skipped]);
}

/** @param page from 1 */
export function readLedger(page = 1): Promise<LedgerFacts> {
  return readSnapshot(async (snapshot) => ({
    instance: await readInstance(snapshot),
    fleet: await snapshot.list("receipt.count-fleet", FleetRow),
    receipts: await readReceipts(snapshot, LEDGER_PAGE, (page - 1) * LEDGER_PAGE),
  }));
}

/** Null when there is no such receipt. */
export function readReceipt(number: number): Promise<ReceiptFacts | null> {
  return readSnapshot(async (snapshot) => {
    const receipt = await snapshot.find("receipt.find", ReceiptRow, [number]);
    if (receipt === null) return null;
    return {
      instance: await readInstance(snapshot),
      receipt,
      neighbours: await snapshot.list("receipt.list-neighbours", NeighbourRow, [number]),
    };
  });
}
