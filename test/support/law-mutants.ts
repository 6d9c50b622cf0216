/** What a mutant of the law is proven with: the probe holds on the law and falls on the mutant. */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { callVerb } from "./call-verb.ts";
import type { Fields } from "./directus-writes.ts";
import { refusalOf, type withLaw } from "./law-fixture.ts";

const POLL_MS = 20;
const WAIT_TIMEOUT_MS = 60_000;

/** Functions that would leave a setting behind on a pooled connection. */
export const SETS_ITS_SESSION = `select p.oid::regprocedure::text as name from pg_proc p
  where p.pronamespace in ('muster'::regnamespace, 'public'::regnamespace) and p.prosrc ~* '(?<!muster\\.)\\mset_config\\s*\\([^;]*\\mfalse\\M'`;

export interface Mechanic {
  readonly name: string;
  /** [function, text, replacement], or what else breaks the law. Of functions that share a name: muster.name(types). */
  readonly mutant: readonly [name: string, from: string, to: string] | (() => Promise<unknown>);
  readonly holds: () => Promise<boolean>;
}

export function mutantTools(law: ReturnType<typeof withLaw>) {
  const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
  const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";

  /** Replaces text in a function's source; the mutant must differ. */
  async function mutate(name: string, from: string, to: string): Promise<void> {
    const found = name.includes("(") ? "p.oid = $1::regprocedure" : "p.proname = $1";
    const [row] = await law.rows(`select pg_get_functiondef(p.oid) as source from pg_proc p where ${found}`, [name]);
    const source = String(row?.["source"]);
    if (!source.includes(from)) throw new Error(`${name} does not contain: ${from}`);
    await law.admin.query(source.replaceAll(from, to));
  }

  const run = (text: string) => () => law.admin.query(text);

  /** Resolves with true when the statement waits for a lock, with false when it has ended. */
  async function waits(client: pg.Client & { processID?: number }, statement: Promise<unknown>): Promise<boolean> {
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
    };
    statement.then(end, end);
    const deadline = Date.now() + WAIT_TIMEOUT_MS;
    while (!hasEnded && Date.now() < deadline) {
      const [row] = await law.rows("select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = $1", [
        client.processID,
      ]);
      if (row?.["waits"] === true) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  async function claimed(agent = law.agents.a1): Promise<string> {
    const { id } = await law.addTask();
    await call("claim", agent, id, "s");
    return String(id);
  }
  /** A submission of a1's that b1 reviews under fence 2. */
  async function reviewed(fields: Fields = {}): Promise<string> {
    const { id } = await law.submittedTask(fields);
    await call("claim", law.agents.b1, id, "r");
    return String(id);
  }
  /** Puts a task in the queue whatever its state is, as no function of the law does. */
  async function queue(id: unknown): Promise<void> {
    await law.admin.query(
      "insert into muster.queue (task, rank, project, class) select id, 0, project, class from os_tasks where id = $1 on conflict do nothing",
      [id],
    );
  }
  async function claimNext(): Promise<void> {
    await law.addTask();
    await call("claim_next", law.agents.a1, "s");
  }
  /** Whether urgent work is found that was added, but not committed, while `move` moved the head of the queue. */
  async function isSeenAfter(move: () => Promise<unknown>): Promise<boolean> {
    await law.addTask({ priority: "P3" });
    await call("tick");
    await law.directus.query("begin");
    const { id } = await law.addTask({ priority: "P1" });
    await move();
    await law.directus.query("commit");
    return Reflect.get(Object((await call("claim_next", law.agents.a1, "s"))["task"]), "id") === id;
  }
  /** Runs `first` in an open transaction, `second` beside it, then commits; the code that the second meets. */
  async function raced(
    first: readonly [string, ...unknown[]],
    second: readonly [string, ...unknown[]],
  ): Promise<string> {
    const other = await law.database.connect("muster_directus");
    await law.directus.query("begin");
    await call(...first);
    const rival = codeOf(callVerb(other, ...second));
    await waits(other, rival);
    await law.directus.query("commit");
    return rival;
  }

  /** Two tests for each: the law holds, and its mutant is caught. */
  function prove(mechanics: readonly Mechanic[]): void {
    describe.each(mechanics)("$name", ({ mutant, holds }) => {
      test("the law holds", async () => {
        expect(await holds()).toBe(true);
      });
      test("its mutant is caught", async () => {
        await (typeof mutant === "function" ? mutant() : mutate(...mutant));
        expect(await holds()).toBe(false);
      });
    });
  }

  return { call, codeOf, run, mutate, waits, claimed, reviewed, queue, claimNext, isSeenAfter, raced, prove };
}
