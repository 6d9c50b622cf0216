import { z } from "zod";
import { agentName } from "./profile-schema.ts";
import { seedTime } from "./seed-time.ts";

const key = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower-case letters, digits and dashes");
const text = z.string().min(1);
const taskNumber = z.int().min(1);
const epoch = z.int().min(1);
const amount = z.int().min(0);
const commit = z.string().regex(/^[0-9a-f]{7,64}$/, "must be a commit hash");
const step = z.strictObject({ at: seedTime, text });

/** The six steps of a receipt, in the order in which they are told. */
export const RECEIPT_STEPS = [
  "symptom",
  "board_row",
  "verifier_claim",
  "caught_by",
  "closing_note",
  "fix_commit",
] as const;

/**
 * The files of `profiles/<name>/seed/`, each a list of rows. References are natural keys. What follows from claims and
 * verdicts (holder, attempts, times of submission and verification) is not written down but derived.
 */
export const SEED_FILES = {
  organizations: z.strictObject({ key, name: text, summary: text.optional() }),
  contacts: z.strictObject({
    organization: key,
    name: text,
    role: text,
    email: z.email().optional(),
    note: text.optional(),
  }),
  repositories: z.strictObject({ key, name: text, url: z.url().optional(), default_branch: text }),
  projects: z.strictObject({
    key,
    name: text,
    summary: text,
    status: z.enum(["active", "archived"]).default("active"),
    visibility: z.enum(["public", "private"]).default("public"),
    organization: key.optional(),
    repository: key.optional(),
    sort: amount.default(0),
  }),
  phases: z.strictObject({
    project: key,
    key: text,
    name: text,
    summary: text.optional(),
    status: z.enum(["planned", "active", "verified"]),
    sort: amount,
    started_at: seedTime.optional(),
    verified_at: seedTime.optional(),
  }),
  tasks: z.strictObject({
    number: taskNumber,
    project: key,
    phase: text.optional(),
    title: text,
    description: text,
    class: z.enum(["feature", "bug", "chore", "docs", "research", "ops"]),
    status: z.enum(["triage", "ready", "in_progress", "blocked", "in_review", "done", "cancelled"]),
    priority: z.enum(["P0", "P1", "P2", "P3"]),
    risk: z.enum(["low", "medium", "high"]),
    acceptance: z.array(text).default([]),
    required_capabilities: z.array(text).default([]),
    paths: z.array(text).default([]),
    labels: z.array(text).default([]),
    /** Numbers of the tasks that must be done first. */
    depends_on: z.array(taskNumber).default([]),
    max_attempts: z.int().min(1).default(3),
    lease_seconds: z.int().min(15).max(86_400).default(900),
    blocked: z
      .strictObject({
        type: z.enum(["dependency", "needs_human", "capability", "transient", "quarantined"]),
        reason: text,
        owner: text.optional(),
        action: text.optional(),
        until: seedTime.optional(),
      })
      .optional(),
    status_reason: text.optional(),
    closing_note: text.optional(),
    sort: amount.optional(),
    created_at: seedTime,
  }),
  claims: z.strictObject({
    task: taskNumber,
    epoch,
    /** 1 for the first try; one more after each failed verdict. */
    attempt: z.int().min(1),
    kind: z.enum(["work", "review"]),
    agent: agentName,
    session: text,
    claimed_at: seedTime,
    /** Absent while the claim is held. */
    ended_at: seedTime.optional(),
    ended_by: z.enum(["submitted", "released", "expired", "blocked", "fenced", "verdict"]).optional(),
    outcome: z.enum(["accepted", "rework", "discarded", "expired", "duplicate", "superseded"]).optional(),
    /** What was submitted, when the claim ended so. */
    commit: commit.optional(),
    artifact: text.optional(),
    /** Last sign of life of a claim that is held. */
    heartbeat_at: seedTime.optional(),
    tokens_in: amount.optional(),
    tokens_out: amount.optional(),
    cost_usd: z.number().min(0).optional(),
  }),
  verifications: z.strictObject({
    task: taskNumber,
    /** Epoch of the review claim that gave the verdict. */
    epoch,
    verdict: z.enum(["pass", "fail", "inconclusive"]),
    evidence: text,
    checks: z
      .array(
        z.strictObject({
          command: text,
          exit_code: z.int(),
          log_sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"),
        }),
      )
      .default([]),
  }),
  notes: z.strictObject({
    task: taskNumber,
    agent: agentName.optional(),
    kind: z.enum(["note", "decision", "finding", "handoff", "closing"]),
    body: text,
    at: seedTime,
  }),
  receipts: z.strictObject({
    number: taskNumber,
    task: taskNumber,
    title: text,
    steps: z.strictObject({
      symptom: step,
      board_row: step,
      verifier_claim: step,
      caught_by: step,
      closing_note: step,
      fix_commit: step,
    }),
    needed_fleet: z.enum(["yes", "no", "partly"]),
    attribution: text,
    issued_at: seedTime,
  }),
  releases: z.strictObject({
    repository: key,
    project: key.optional(),
    version: text,
    name: text,
    status: z.enum(["planned", "released"]),
    commit_sha: commit.optional(),
    notes: text.optional(),
    released_at: seedTime.optional(),
  }),
  usage: z.strictObject({
    kind: z.enum(["tokens", "hosting", "build"]),
    /** Tells two rows of the same kind, task and agent apart. */
    key: text.optional(),
    task: taskNumber.optional(),
    agent: agentName.optional(),
    tokens_in: amount.optional(),
    tokens_out: amount.optional(),
    cost_usd: z.number().min(0).optional(),
    at: seedTime,
  }),
  reservations: z.strictObject({
    task: taskNumber,
    agent: agentName,
    path: text,
    mode: z.enum(["exclusive", "shared"]),
    expires_at: seedTime,
  }),
  sessions: z.strictObject({
    agent: agentName,
    session: text,
    client: text,
    started_at: seedTime,
    ended_at: seedTime.optional(),
  }),
} as const satisfies Record<string, z.ZodType>;

export type SeedFile = keyof typeof SEED_FILES;
export type SeedRow<F extends SeedFile> = z.infer<(typeof SEED_FILES)[F]>;
/** All rows of a profile; a file that is absent gives an empty list. */
export type SeedRows = { readonly [F in SeedFile]: readonly SeedRow<F>[] };
