/** Agents that claim through Directus while the Postgres below it is taken away, and what became of what they were told. */
import type pg from "pg";
import { z } from "zod";
import { wantedDirectus } from "../../cli/src/stack/directus-admin.ts";
import type { Racer } from "../../scripts/race/doors.ts";
import { addTasks, ensureProject, findSteward, gatherRacers } from "../../scripts/race/field.ts";
import { eventually } from "./processes.ts";
import { CHECKOUT, type Stack } from "./stack.ts";
import { asSuperuser, type Server } from "./standby.ts";
import { rest } from "./verb-doors.ts";

/** Directus gives up a broken connection at its next use, and its pressure limiter holds a loaded machine back. */
export const RECOVERY_TIMEOUT_MS = 120_000;

export interface Claim {
  readonly task: string;
  readonly fence: number;
  readonly racer: Racer;
}

export interface Fleet {
  /** Acknowledged ones, in order. */
  readonly claims: readonly Claim[];
  /** Requests that failed so far: nobody was told of a claim. */
  readonly broken: number;
  stop(): Promise<void>;
}

type Board = Pick<Server, "port">;

/** Rows of the board, asked of the server itself. */
export const onBoard = <Row extends pg.QueryResultRow>(server: Board, text: string, values: unknown[] = []) =>
  asSuperuser(server, async (client) => (await client.query<Row>(text, values)).rows, "muster");

/** Has every commit of `primary` wait for the standby of that name, which must follow it already. */
export function waitForStandby(primary: Board, name: string): Promise<void> {
  return asSuperuser(primary, async (client) => {
    await client.query(`alter system set synchronous_standby_names = '${name}'`);
    await client.query("select pg_reload_conf()");
    const isSynchronous = async () =>
      (await client.query("select from pg_stat_replication where sync_state = 'sync'")).rows.length === 1;
    await eventually("the standby is synchronous", isSynchronous, RECOVERY_TIMEOUT_MS);
  });
}

/** Agents that may hold many tasks each, and tasks for all of them. */
export async function gatherFleet(
  stack: Stack,
  board: Board,
  size: { readonly agents: number; readonly tasks: number },
): Promise<readonly Racer[]> {
  const admin = {
    url: stack.urls.directus,
    token: stack.secret("directus_admin_token"),
    signal: AbortSignal.timeout(RECOVERY_TIMEOUT_MS),
  };
  const racers = await gatherRacers(admin, wantedDirectus({ checkout: CHECKOUT }).ids, size.agents, size.tasks);
  const project = await ensureProject(admin);
  await asSuperuser(
    board,
    async (client) => void (await addTasks(client, await findSteward(client), project, size.tasks, "Failover")),
    "muster",
  );
  return racers;
}

const answer = z.looseObject({
  claimed: z.boolean(),
  fence: z.int().optional(),
  task: z.looseObject({ id: z.string() }).optional(),
});

/** Every agent claims one task after the other through Directus until it is told to stop. A request that fails was not acknowledged. */
export function startFleet({ urls }: Pick<Stack, "urls">, racers: readonly Racer[]): Fleet {
  const claims: Claim[] = [];
  let broken = 0;
  let isStopped = false;
  const work = async (racer: Racer) => {
    while (!isStopped) {
      try {
        const got = await rest(urls.directus, racer.token, "next", { session: racer.session, project: "race" });
        const { fence, task } = got.ok ? answer.parse(got.answer) : {};
        if (fence !== undefined && task !== undefined) claims.push({ task: task.id, fence, racer });
        else broken += 1;
      } catch {
        // Directus answered no JSON: its own error page, or nothing.
        broken += 1;
      }
    }
  };
  const ended = Promise.all(racers.map(work));
  return {
    claims,
    get broken() {
      return broken;
    },
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}

/** Claims that were acknowledged and that the server does not have. */
export async function lostOf(claims: readonly Claim[], server: Board): Promise<readonly Claim[]> {
  const kept = await onBoard<{ name: string }>(
    server,
    "select concat_ws(' ', task, epoch, holder) as name from public.os_claims",
  );
  const known = new Set(kept.map(({ name }) => name));
  return claims.filter(({ task, fence, racer }) => !known.has(`${task} ${fence} ${racer.user}`));
}
