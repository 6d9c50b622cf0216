/**
 * Fills a stack's own board through the law's import of history, as the superuser: claims, notes, verdicts and the hash-chained trail are what the
 * law makes of them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { z } from "zod";
import { say } from "../progress.ts";
import { type MadeAgent, madeHistory, PHASES, PROJECTS } from "./made-tasks.ts";
import type { BoardFacts } from "./rows.ts";

/** In one transaction. The import reads all claims of its document for each task of it. */
const BATCH = 100;
/** Batches between two lines of progress. */
const TOLD_EVERY = 100;
const MB = 1_000_000;

const sql = (name: string) => readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8");
const IMPORT = readFileSync(join(import.meta.dirname, "..", "..", "cli", "sql", "history.import.sql"), "utf8");
const agentRow = z.object({ name: z.string(), family: z.string() });
const firstRow = z.object({ first: z.int() });
const factsRow = z.object({
  tasks: z.int(),
  claims: z.int(),
  notes: z.int(),
  verifications: z.int(),
  events: z.int(),
  bytes: z.coerce.number(),
});

/** @throws Error when the law refuses a document, or when `signal` says to end */
export async function fillBoard(client: pg.Client, tasks: number, signal: AbortSignal): Promise<void> {
  const agents: readonly MadeAgent[] = z.array(agentRow).parse((await client.query(sql("fill.agents"))).rows);
  const [{ first }] = z.tuple([firstRow]).parse((await client.query(sql("fill.next-number"))).rows);
  const end = first + tasks;
  const nowMs = Date.now();
  await client.query(IMPORT, [JSON.stringify(reference())]);
  for (let from = first, batch = 1; from < end; from += BATCH, batch += 1) {
    signal.throwIfAborted();
    const range = { first: from, count: Math.min(BATCH, end - from), end };
    await client.query(IMPORT, [JSON.stringify(madeHistory(range, agents, nowMs))]);
    await client.query(sql("fill.vacuum-trail"));
    if (batch % TOLD_EVERY === 0) say(`   ${(from + range.count - first).toLocaleString("en")} tasks`);
  }
  await client.query(sql("fill.vacuum"));
}

export async function boardFacts(client: pg.Client): Promise<BoardFacts> {
  const [{ bytes, ...counts }] = z.tuple([factsRow]).parse((await client.query(sql("board.facts"))).rows);
  return { ...counts, databaseMb: Math.round(bytes / MB) };
}

function reference(): object {
  const phases = Array.from({ length: PHASES }, (_, at) => at);
  const projects = Object.entries(PROJECTS).map(([visibility, key]) => ({ key, name: key, visibility }));
  return {
    projects,
    phases: projects.flatMap(({ key }) =>
      phases.map((at) => ({ project: key, key: `P${at}`, name: `Phase ${at}`, status: "active" })),
    ),
  };
}
