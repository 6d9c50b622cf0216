/** Writes that the law refuses at every native door alike, as data: what is sent, and what the caller is told. */
import { randomUUID } from "node:crypto";
import type { TaskRow } from "./agent-board.ts";
import type { Write } from "./native-doors.ts";

/** What the writes are about. */
export interface Tasks {
  /** In progress, held by a01 under session "s" with fence 1. */
  readonly held: TaskRow;
  /** Waits for `first`. */
  readonly ready: TaskRow;
  readonly first: TaskRow;
  /** In review at high risk, made by a01. */
  readonly judged: TaskRow;
  /** Needs a capability that nobody has. */
  readonly special: TaskRow;
}

export const update = (task: TaskRow, data: Readonly<Record<string, unknown>>) =>
  ({ action: "update", collection: "os_tasks", keys: [task.id], data }) as const;

export interface BadWrite {
  readonly what: string;
  readonly as?: "a01" | "a02" | "b01" | "c01" | "admin";
  /** GraphQL refuses the value by its own types, before anything of ours is asked. */
  readonly isTyped?: true;
  readonly write: (tasks: Tasks) => Write;
  readonly status: number;
  readonly code: string;
  readonly says: RegExp;
}

export const BAD_WRITES: readonly BadWrite[] = [
  {
    what: "a stale version",
    write: ({ held }) => update(held, { fence: 1, version: 1, description: "x" }),
    status: 412,
    code: "MUSTER_STALE_VERSION",
    says: /Read it again/,
  },
  {
    what: "a dead fence",
    write: ({ held }) => update(held, { fence: 7, description: "x" }),
    status: 412,
    code: "MUSTER_FENCED",
    says: /read it again/,
  },
  {
    what: "no fence from somebody else",
    as: "b01",
    write: ({ held }) => update(held, { description: "x" }),
    status: 403,
    code: "MUSTER_NOT_HOLDER",
    says: /claim another/,
  },
  {
    what: "a foreign session",
    as: "b01",
    write: ({ held }) => update(held, { claim_session: "s" }),
    status: 409,
    code: "MUSTER_CLAIM_CONFLICT",
    says: /claim another/,
  },
  {
    what: "a forged owner",
    write: ({ held }) => update(held, { fence: 1, assigned_to: randomUUID() }),
    status: 422,
    code: "MUSTER_FIELD_PROTECTED",
    says: /Leave it out/,
  },
  {
    what: "a forged epoch",
    write: ({ held }) => update(held, { fence: 1, claim_epoch: 9 }),
    status: 422,
    code: "MUSTER_FIELD_PROTECTED",
    says: /Leave it out/,
  },
  {
    what: "a status that is SQL",
    write: ({ held }) => update(held, { fence: 1, status: "done'; drop table os_tasks; --" }),
    status: 422,
    code: "MUSTER_TRANSITION_ILLEGAL",
    says: /You can/,
  },
  {
    what: "a NUL byte",
    write: ({ held }) => update(held, { fence: 1, description: "a\0b" }),
    status: 422,
    code: "MUSTER_VALUE_INVALID",
    says: /send|value/i,
  },
  {
    what: "a fence that is no number",
    isTyped: true,
    write: ({ held }) => update(held, { fence: "abc", description: "x" }),
    status: 422,
    code: "MUSTER_VALUE_INVALID",
    says: /send|value/i,
  },
  {
    what: "an id that is no uuid",
    write: ({ held }) => update({ ...held, id: "not-a-uuid" }, { claim_session: "s" }),
    status: 403,
    code: "FORBIDDEN",
    says: /permission/,
  },
  {
    what: "an id that SQL could be",
    write: ({ held }) => update({ ...held, id: "1'; drop table os_tasks; --" }, { claim_session: "s" }),
    status: 403,
    code: "FORBIDDEN",
    says: /permission/,
  },
  {
    what: "a claim over the limit of held tasks",
    as: "c01",
    write: ({ first }) => update(first, { claim_session: "s" }),
    status: 429,
    code: "MUSTER_WIP_LIMIT",
    says: /Finish or release/,
  },
  {
    what: "a claim without the capability",
    write: ({ special }) => update(special, { claim_session: "s" }),
    status: 403,
    code: "MUSTER_CAPABILITY_MISSING",
    says: /rust|capabilit/i,
  },
  {
    what: "a review of one's own work",
    write: ({ judged }) => update(judged, { claim_session: "r" }),
    status: 403,
    code: "MUSTER_SELF_REVIEW",
    says: /another agent/i,
  },
  {
    what: "a review by the author's model family",
    as: "a02",
    write: ({ judged }) => update(judged, { claim_session: "r" }),
    status: 403,
    code: "MUSTER_SAME_FAMILY",
    says: /model family/i,
  },
  {
    what: "a dependency that closes a circle",
    as: "admin",
    write: ({ ready, first }) => ({
      action: "create",
      collection: "os_task_dependencies",
      data: { task: first.id, depends_on: ready.id },
    }),
    status: 422,
    code: "MUSTER_DEPENDENCY_CYCLE",
    says: /Leave out/,
  },
  {
    what: "a steward's record from an agent",
    write: ({ held, first }) => ({
      action: "create",
      collection: "os_task_dependencies",
      data: { task: held.id, depends_on: first.id },
    }),
    status: 403,
    code: "FORBIDDEN",
    says: /permission/,
  },
];
