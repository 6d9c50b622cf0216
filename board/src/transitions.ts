/**
 * The task's life as data: SQL judges by it (muster.transitions, muster.task_columns), docs are made from it.
 * A change here needs a new migration; a test compares both.
 */

export const TASK_STATUSES = ["triage", "ready", "in_progress", "blocked", "in_review", "done", "cancelled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * agent: any registered, active agent · holder: has the live work claim · verifier: has the live review claim ·
 * steward: role on the allow-list · system: the database itself.
 */
export type TransitionActor = "agent" | "holder" | "verifier" | "steward" | "system";

export const TRANSITION_GUARDS = {
  acceptance: "The task has at least one acceptance item.",
  lease_free: "Nobody holds a live claim, and an expired one is past the lock delay.",
  dependencies: "Every task that this one depends on is done.",
  capabilities: "The agent has every required capability.",
  attempts: "Fewer verdicts have failed than the task allows attempts.",
  wip: "The agent holds fewer claims of this kind than it may.",
  paths: "No other agent has reserved a path of the task for itself.",
  fence: "The write carries the live claim's epoch.",
  submission: "A commit or an artefact is named.",
  block: "Type and reason are named; needs_human also names owner and action.",
  evidence: "Evidence is attached.",
  checks:
    "Every check that the acceptance names ended with 0 at the submitted commit. Only a verdict by verb can carry that.",
  other_author: "The user, agent and session are no author of the task.",
  other_family: "With risk medium or high, the model family differs from the author's.",
  reason: "A new status_reason is given.",
} as const;
export type TransitionGuard = keyof typeof TRANSITION_GUARDS;

export interface Transition {
  /** "new" is a task that does not exist yet. */
  readonly from: TaskStatus | "new";
  readonly to: TaskStatus;
  readonly who: TransitionActor;
  /** What the actor means to do; also named in refusals. */
  readonly intent: string;
  /** kind of the row in os_events. */
  readonly event: string;
  readonly guards: readonly TransitionGuard[];
}

const claimGuards = ["lease_free", "dependencies", "capabilities", "attempts", "wip", "paths"] as const;
const verdictGuards = ["fence", "evidence", "other_author", "other_family"] as const;

export const TRANSITIONS: readonly Transition[] = [
  { from: "new", to: "triage", who: "agent", intent: "add", event: "created", guards: [] },
  { from: "new", to: "triage", who: "steward", intent: "add", event: "created", guards: [] },
  { from: "new", to: "ready", who: "steward", intent: "add", event: "created", guards: ["acceptance"] },
  { from: "triage", to: "ready", who: "steward", intent: "accept", event: "accepted", guards: ["acceptance"] },
  { from: "ready", to: "in_progress", who: "agent", intent: "claim", event: "claimed", guards: claimGuards },
  {
    from: "in_progress",
    to: "in_progress",
    who: "agent",
    intent: "take over",
    event: "taken_over",
    guards: claimGuards,
  },
  { from: "in_progress", to: "ready", who: "holder", intent: "release", event: "released", guards: ["fence"] },
  { from: "in_progress", to: "ready", who: "steward", intent: "requeue", event: "requeued", guards: ["acceptance"] },
  { from: "in_progress", to: "ready", who: "system", intent: "expire", event: "expired", guards: [] },
  { from: "in_progress", to: "blocked", who: "holder", intent: "block", event: "blocked", guards: ["fence", "block"] },
  { from: "in_progress", to: "blocked", who: "steward", intent: "block", event: "blocked", guards: ["block"] },
  { from: "blocked", to: "ready", who: "steward", intent: "unblock", event: "unblocked", guards: ["acceptance"] },
  { from: "blocked", to: "ready", who: "system", intent: "unblock", event: "unblocked", guards: ["dependencies"] },
  {
    from: "in_progress",
    to: "in_review",
    who: "holder",
    intent: "submit",
    event: "submitted",
    guards: ["fence", "submission"],
  },
  {
    from: "in_review",
    to: "in_review",
    who: "agent",
    intent: "review",
    event: "review_claimed",
    guards: ["lease_free", "other_author", "other_family", "wip"],
  },
  {
    from: "in_review",
    to: "in_review",
    who: "verifier",
    intent: "give back",
    event: "review_released",
    guards: ["fence"],
  },
  {
    from: "in_review",
    to: "done",
    who: "verifier",
    intent: "pass",
    event: "verified",
    guards: [...verdictGuards, "checks"],
  },
  { from: "in_review", to: "ready", who: "verifier", intent: "fail", event: "rejected", guards: verdictGuards },
  {
    from: "in_review",
    to: "done",
    who: "steward",
    intent: "pass",
    event: "verified",
    guards: ["evidence", "other_author", "checks"],
  },
  {
    from: "in_review",
    to: "ready",
    who: "steward",
    intent: "fail",
    event: "rejected",
    guards: ["evidence", "other_author"],
  },
  { from: "in_review", to: "blocked", who: "system", intent: "quarantine", event: "quarantined", guards: [] },
  ...(["triage", "ready", "in_progress", "blocked", "in_review"] as const).map(
    (from): Transition => ({
      from,
      to: "cancelled",
      who: "steward",
      intent: "cancel",
      event: "cancelled",
      guards: ["reason"],
    }),
  ),
  ...(["done", "cancelled"] as const).map(
    (from): Transition => ({
      from,
      to: "ready",
      who: "steward",
      intent: "reopen",
      event: "reopened",
      guards: ["reason", "acceptance"],
    }),
  ),
];

/** author: the agent that created the task, while it is in triage. claimant: an agent in the very write that claims. */
export type TaskColumnWriter = "steward" | "author" | "claimant" | "holder" | "verifier";

const board: readonly TaskColumnWriter[] = [];
const plan: readonly TaskColumnWriter[] = ["steward", "author"];
const text: readonly TaskColumnWriter[] = ["steward", "author", "holder"];
const work: readonly TaskColumnWriter[] = ["steward", "holder"];

/**
 * Who may change which column of os_tasks; the empty list means the board alone.
 * status goes by TRANSITIONS; claim_session, fence, version and evidence are the protocol itself; user_updated and date_updated are stamps.
 */
export const TASK_COLUMNS: Readonly<Record<string, readonly TaskColumnWriter[]>> = {
  id: board,
  number: board,
  origin: board,
  attempt: board,
  assigned_to: board,
  claimed_at: board,
  lease_expires_at: board,
  claim_epoch: board,
  submitted_at: board,
  submitted_by: board,
  verified_at: board,
  verified_by: board,
  done_at: board,
  user_created: board,
  date_created: board,
  project: plan,
  phase: plan,
  class: plan,
  priority: plan,
  risk: plan,
  acceptance: plan,
  required_capabilities: plan,
  max_attempts: plan,
  title: text,
  description: text,
  labels: text,
  paths: text,
  lease_seconds: ["steward", "author", "claimant", "holder"],
  submitted_commit: work,
  submitted_artifact: work,
  blocked_type: work,
  blocked_reason: work,
  blocked_owner: work,
  blocked_action: work,
  blocked_until: work,
  closing_note: ["steward", "holder", "verifier"],
  status_reason: ["steward"],
  sort: ["steward"],
};
