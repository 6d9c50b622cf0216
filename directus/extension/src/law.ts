import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "./directus-api.ts";

/** What a function of the law answers: one JSON object. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * The functions of schema `muster` that Directus's role may execute, each with its parameters in order: a name that ends in `:jsonb`
 * is sent as JSON text. `actor` and `op` are filled in by the caller of the law, never by the caller of a verb.
 */
const FUNCTIONS = {
  claim_next: ["actor", "session", "options:jsonb", "op"],
  claim: ["actor", "task", "session", "options:jsonb", "op"],
  heartbeat: ["actor", "task", "fence"],
  submit: ["actor", "task", "fence", "result:jsonb", "op"],
  release: ["actor", "task", "fence", "reason", "op"],
  block: ["actor", "task", "fence", "block:jsonb", "op"],
  verdict: ["actor", "task", "fence", "verdict", "evidence", "options:jsonb", "op"],
  advance: ["actor", "session", "finish:jsonb", "options:jsonb", "op"],
  keep_late: ["actor", "task", "fence", "payload:jsonb", "op"],
  add_task: ["actor", "task:jsonb", "op"],
  add_note: ["actor", "task", "body", "kind", "op"],
  reserve_paths: ["actor", "task", "fence", "paths:jsonb", "mode", "seconds", "op"],
  report_usage: ["actor", "task", "fence", "usage:jsonb", "op"],
  join_session: ["actor", "session", "info:jsonb"],
  end_session: ["actor", "session"],
  show_task: ["task"],
  apply_op: ["actor", "op", "operation:jsonb"],
  events_since: ["cursor", "limit", "options:jsonb"],
  tick: [],
} as const satisfies Record<string, readonly string[]>;

export type LawFunction = keyof typeof FUNCTIONS;

/** Rolled back whole by Postgres, and gone in a moment: deadlock, serialization, a lock not had in time. */
const PASSING = new Set(["40P01", "40001", "55P03"]);
const TRIES = 3;
/** A competing write takes a few milliseconds. */
const RETRY_MS = 20;

/**
 * Calls `muster.<name>` as one statement, hence one transaction, on a pooled connection that is given back at once. Named arguments that
 * are absent go as null. Throws what the database client throws: `toMusterError` gives it its words.
 */
export async function callLaw(
  database: Knex,
  name: LawFunction,
  args: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const parameters: readonly string[] = FUNCTIONS[name];
  const marks = parameters.map((parameter) => (parameter.endsWith(":jsonb") ? "?::jsonb" : "?")).join(", ");
  const values = parameters.map((parameter) => bound(parameter, args));
  for (let tried = 1; ; tried += 1) {
    try {
      const call = database.raw(`muster.${name}(${marks})`, values);
      const rows = await database.select({ answer: call });
      return answerOf(name, rows);
    } catch (error) {
      if (tried === TRIES || !isPassing(error)) throw error;
      await sleep(RETRY_MS * tried * (0.5 + Math.random()));
    }
  }
}

function bound(parameter: string, args: Readonly<Record<string, unknown>>): unknown {
  const [name = "", type] = parameter.split(":");
  const value = args[name] ?? null;
  return type === "jsonb" && value !== null ? JSON.stringify(value) : value;
}

function answerOf(name: string, rows: unknown): Answer {
  const row: unknown = Array.isArray(rows) ? rows[0] : null;
  if (
    typeof row === "object" &&
    row !== null &&
    "answer" in row &&
    typeof row.answer === "object" &&
    row.answer !== null
  ) {
    return { ...row.answer };
  }
  throw new Error(`muster.${name} answered no object.`);
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && PASSING.has(error.code);
}
