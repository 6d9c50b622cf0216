import type { ListRow } from "./list.ts";

type Cell = string | number | Date | null | readonly string[];

/** Columns of both exports, in this order; adding one keeps a reader working, removing one does not. */
export const EXPORT_COLUMNS: Readonly<Record<string, (row: ListRow) => Cell>> = {
  number: (row) => row.number,
  title: (row) => row.title,
  status: (row) => row.status,
  priority: (row) => row.priority,
  risk: (row) => row.risk,
  class: (row) => row.class,
  project: (row) => row.project,
  phase: (row) => row.phase,
  labels: (row) => row.labels,
  agent: (row) => row.agent,
  author: (row) => row.author,
  verifier: (row) => row.verifier,
  attempt: (row) => row.attempt,
  blocked_type: (row) => row.blocked_type,
  submitted_commit: (row) => row.submitted_commit,
  receipt: (row) => row.receipt,
  created_at: (row) => row.created_at,
  updated_at: (row) => row.updated_at,
  done_at: (row) => row.done_at,
};

/** What an export says of itself in its head: how many rows match, and, when it was cut, which part of them it holds. */
export function totalsOf(rows: number, matching: number): Readonly<Record<string, string>> {
  return {
    "X-Muster-Matching": String(matching),
    ...(rows < matching ? { "X-Muster-Cut": `the first ${rows} of ${matching}; narrow the filters for the rest` } : {}),
  };
}
