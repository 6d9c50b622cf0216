/** Runs the steps of a spec in one order on real connections; a step that waits for a lock lets the others go on. */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { toMusterError } from "../../src/errors.ts";
import type { Step } from "./read-spec.ts";

const POLL_MS = 10;
const TIMEOUT_MS = 60_000;

export interface Ran {
  /** Per step: "accepted" or the code that it met. */
  readonly results: ReadonlyMap<string, string>;
  /** Steps that waited for a lock. */
  readonly waited: readonly string[];
}

type Client = pg.Client & { readonly processID?: number };

/** @param clients one connection per session; each is out of any transaction afterwards */
export async function runPermutation(
  order: readonly Step[],
  clients: ReadonlyMap<string, Client>,
  watcher: pg.Client,
  fill: (sql: string) => string,
): Promise<Ran> {
  const results = new Map<string, string>();
  const waited: string[] = [];
  const open = new Map<string, Promise<void>>();
  let left = [...order];
  const deadline = Date.now() + TIMEOUT_MS;
  while (left.length > 0 || open.size > 0) {
    const next = left.find(({ session }) => !open.has(session));
    if (next === undefined) {
      // Everybody waits: for each other it would be a deadlock, which Postgres ends.
      await Promise.race(open.values());
      continue;
    }
    const { name, session, sql } = next;
    left = left.filter((step) => step !== next);
    const client = clients.get(session);
    if (client === undefined) throw new Error(`${name} has no session.`);
    const ended = run(client, fill(sql)).then((result) => {
      results.set(name, result);
      open.delete(session);
    });
    open.set(session, ended);
    while (open.has(session)) {
      await Promise.race([ended, sleep(POLL_MS)]);
      if (!open.has(session)) break;
      if (await waitsForLock(watcher, client)) {
        waited.push(name);
        break;
      }
      if (Date.now() > deadline) throw new Error(`${name} neither ended nor waited for a lock.`);
    }
  }
  for (const client of clients.values()) await client.query("commit");
  return { results, waited };
}

async function run(client: pg.Client, sql: string): Promise<string> {
  try {
    await client.query(sql);
    return "accepted";
  } catch (error) {
    // The step's transaction is over, as it is for every caller of the law.
    await client.query("rollback");
    const { code } = toMusterError(error);
    return code === "MUSTER_INTERNAL" ? String(error) : code;
  }
}

async function waitsForLock(watcher: pg.Client, client: Client): Promise<boolean> {
  const { rows } = await watcher.query("select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'", [
    client.processID,
  ]);
  return rows.length > 0;
}
