/** What a task's own page shows. */
import { z } from "zod";
import type { Ember } from "../view/ember.ts";
import { emberOfTask } from "./board.ts";
import { STATUSES } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { LeaseKind } from "./leases.ts";
import { BigCount, Instant, readSnapshot, TextList } from "./snapshot.ts";

const text = z.string().nullable();

/** Written by people and agents: an item is shown when it has a text, whatever else it holds. */
const AcceptanceItem = z.object({
  id: z.string().catch(""),
  text: z.string(),
  check: z.string().optional().catch(undefined),
});
const Acceptance = z
  .array(z.unknown())
  .nullable()
  .transform((items) => (items ?? []).flatMap((item) => AcceptanceItem.safeParse(item).data ?? []));

const TaskRow = z.object({
  number: z.int(),
  title: z.string(),
  description: text,
  class: z.string(),
  status: z.enum(STATUSES),
  priority: z.string(),
  risk: z.string(),
  project_name: z.string(),
  phase: text,
  phase_name: text,
  acceptance: Acceptance,
  required_capabilities: TextList,
  paths: TextList,
  labels: TextList,
  attempt: z.int(),
  max_attempts: z.int(),
  version: z.int(),
  claim_epoch: z.int(),
  agent: text,
  model_family: text,
  lease_kind: LeaseKind.nullable(),
  lease_granted_at: Instant.nullable(),
  lease_heartbeat_at: Instant.nullable(),
  lease_expires_at: Instant.nullable(),
  lease_seconds: z.int(),
  author: text,
  author_family: text,
  submitted_commit: text,
  submitted_artifact: text,
  submitted_at: Instant.nullable(),
  verifier: text,
  verifier_family: text,
  verified_at: Instant.nullable(),
  blocked_type: text,
  blocked_reason: text,
  blocked_owner: text,
  blocked_action: text,
  blocked_until: Instant.nullable(),
  closing_note: text,
  status_reason: text,
  open_dependencies: z.int(),
  notes: z.int(),
  created_at: Instant,
  updated_at: Instant,
  done_at: Instant.nullable(),
  origin: z.string(),
  /** Null: not known, or not for strangers. */
  repository_url: text,
});
export type Task = z.infer<typeof TaskRow> & { readonly ember: Ember | null };

const ClaimRow = z.object({
  epoch: z.int(),
  attempt: z.int(),
  kind: LeaseKind,
  agent: text,
  model_family: text,
  claimed_at: Instant,
  ended_at: Instant.nullable(),
  ended_by: text,
  outcome: text,
  tokens_in: z.int().nullable(),
  tokens_out: z.int().nullable(),
  cost_usd: BigCount.nullable(),
});
export type Claim = z.infer<typeof ClaimRow>;

const CheckItem = z.object({
  command: z.string(),
  exit_code: z.number().nullable().catch(null),
  log_sha256: z.string().nullable().catch(null),
});
export type CheckLine = z.infer<typeof CheckItem>;
const Checks = z
  .array(z.unknown())
  .nullable()
  .transform((items) => (items ?? []).flatMap((item) => CheckItem.safeParse(item).data ?? []));

const VerificationRow = z.object({
  attempt: z.int(),
  epoch: z.int(),
  agent: text,
  model_family: text,
  author: text,
  author_family: text,
  verdict: z.string(),
  /** Null: not for strangers, and then there are no checks either. */
  evidence: text,
  checks: Checks,
  commit_sha: text,
  created_at: Instant,
});
export type Verification = z.infer<typeof VerificationRow>;

/** guid: an imported row has an id made from its place, without the bits of a version. */
const NoteRow = z.object({ id: z.guid(), agent: text, kind: z.string(), body: z.string(), created_at: Instant });
export type Note = z.infer<typeof NoteRow>;

const NeighbourRow = z.object({
  side: z.enum(["waits_on", "unblocks"]),
  number: z.int(),
  title: z.string(),
  status: z.string(),
});
export type TaskNeighbour = z.infer<typeof NeighbourRow>;

const TaskReceiptRow = z.object({ number: z.int(), ref: z.string(), title: z.string(), issued_at: Instant });
export type TaskReceipt = z.infer<typeof TaskReceiptRow>;

export interface TaskFacts {
  readonly instance: InstanceTotals;
  readonly task: Task;
  readonly claims: readonly Claim[];
  readonly verifications: readonly Verification[];
  readonly notes: readonly Note[];
  readonly neighbours: readonly TaskNeighbour[];
  readonly receipts: readonly TaskReceipt[];
}

export const NOTE_PAGE = 100;

/** Null when there is no such task, or when it belongs to a private project. @param notesPage from 1 */
export function readTask(number: number, notesPage = 1): Promise<TaskFacts | null> {
  return readSnapshot(async (snapshot) => {
    const row = await snapshot.find("task.find", TaskRow, [number]);
    if (row === null) return null;
    const instance = await readInstance(snapshot);
    return {
      instance,
      task: { ...row, ember: emberOfTask(row, instance.server_now) },
      claims: await snapshot.list("task.list-claims", ClaimRow, [number]),
      verifications: await snapshot.list("task.list-verifications", VerificationRow, [number]),
      notes: await snapshot.list("task.list-notes", NoteRow, [number, NOTE_PAGE, (notesPage - 1) * NOTE_PAGE]),
      neighbours: await snapshot.list("task.list-neighbours", NeighbourRow, [number]),
      receipts: await snapshot.list("task.list-receipts", TaskReceiptRow, [number]),
    };
  });
}
