/** The doctor board as a test of harm reads it. */
import pg from "pg";
import { expect } from "vitest";
import type { SupervisorRequest } from "../../cli/src/drivers/embedded/supervisor/protocol.ts";
import { findSupervisor } from "../../cli/src/drivers/embedded/supervisor/supervisor-client.ts";
import { databaseAddress } from "../../cli/src/stack/database-address.ts";
import { statePaths } from "../../cli/src/state/paths.ts";
import { type DoctorCheck, doctorAnswer } from "./answers.ts";
import { eventually } from "./processes.ts";
import type { RunOptions, Stack } from "./stack.ts";

/** Longer than Directus takes to come back on a loaded machine. */
export const HEAL_TIMEOUT_MS = 90_000;

export interface Board {
  readonly exit: number | null;
  readonly checks: readonly DoctorCheck[];
  /** Ids of what failed, warned or broke, in boot order. */
  readonly red: readonly string[];
  find(id: string): DoctorCheck;
}

export async function look(stack: Stack, options?: RunOptions, args: readonly string[] = []): Promise<Board> {
  const ran = await stack.run(["doctor", "--json", ...args], options);
  const { checks } = doctorAnswer.parse(ran.json);
  return {
    exit: ran.exit,
    checks,
    red: checks.filter(({ status }) => ["fail", "warn", "error"].includes(status)).map(({ id }) => id),
    find(id) {
      const check = checks.find((candidate) => candidate.id === id);
      if (check === undefined) throw new Error(`The board has no ${id}.`);
      return check;
    },
  };
}

/** Exactly these are red, in boot order; whatever else did not pass stands on one of them. */
export function expectOnlyRed(board: Board, ids: readonly string[]): void {
  const seen = board.red.map((id) => `${id} ${board.find(id).evidence}`);
  expect(board.red, seen.join("\n")).toEqual(ids);
  const out = new Set(board.red);
  for (const { id, status, evidence } of board.checks) {
    const blocker = /^blocked by (\S+)$/.exec(evidence)?.[1];
    if (status !== "skip" || blocker === undefined) continue;
    expect(out, `${id} is ${evidence}`).toContain(blocker);
    out.add(id);
  }
}

/** Waits for a board without a red check, as a service may still be coming back. */
export async function expectGreen(stack: Stack): Promise<void> {
  let last = "";
  const isGreen = async () => {
    const board = await look(stack);
    last = board.red.map((id) => `${id} ${board.find(id).evidence}`).join("\n");
    return board.exit === 0;
  };
  await eventually(`a green board`, isGreen, HEAL_TIMEOUT_MS).catch((cause: unknown) => {
    throw new Error(`The board did not heal:\n${last}`, { cause });
  });
}

/** A superuser's connection to the stack's board, ended when `work` ends. */
export async function withSuperuser<T>(stack: Stack, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    ...databaseAddress({ postgresPort: stack.ports.postgres }, statePaths(stack.stateDir)),
    database: "muster",
    user: "postgres",
    password: stack.secret("postgres_superuser_password"),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Asks the stack's supervisor over its control socket, as the CLI does. */
export async function askSupervisor(stack: Stack, request: SupervisorRequest): Promise<void> {
  const { run, logs } = statePaths(stack.stateDir);
  const supervisor = findSupervisor({ runDir: run, logsDir: logs, compileCache: stack.cacheDir });
  if (supervisor === null) throw new Error("The stack has no supervisor.");
  await supervisor.ask(request);
}

/** Pid of a service, from `status`. @throws Error when it does not run */
export async function pidOf(stack: Stack, service: string): Promise<number> {
  const [pid = 0] = await pidsOf(stack, [service]);
  return pid;
}

/** Pids of these services, in this order, from one `status`. @throws Error naming one that does not run */
export async function pidsOf(stack: Stack, services: readonly string[]): Promise<readonly number[]> {
  const { json } = await stack.run(["status", "--json"]);
  const status = json as { services: readonly { service: string; pid: number | null }[] };
  return services.map((service) => {
    const pid = status.services.find((candidate) => candidate.service === service)?.pid;
    if (pid === undefined || pid === null) throw new Error(`${service} does not run.`);
    return pid;
  });
}

/** Number of the last migration of ours that the board has; 0 when it has none. */
export async function newestMigration(stack: Stack): Promise<number> {
  return withSuperuser(stack, async (client) => {
    const { rows } = await client.query<{ id: number }>("select max(id)::int as id from muster.migrations");
    return rows[0]?.id ?? 0;
  });
}
