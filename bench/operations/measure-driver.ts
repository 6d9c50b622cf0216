/** One driver's figures, from a stack of its own that is filled first. Nothing of it is left. */
import type pg from "pg";
import { z } from "zod";
import { liveServer } from "../../cli/src/backup/open-backups.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { DATABASE_NAME } from "../../cli/src/stack/connections.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { during } from "../progress.ts";
import { boardFacts, fillBoard } from "./fill-board.ts";
import { type BoardFacts, type Downtime, type DriverRow, type Timed, toSeconds } from "./rows.ts";
import { NEXT, onStage } from "./stage.ts";
import { type Verbs, verbsOf } from "./verbs.ts";

/** One of each kind: of the server itself, of a role, of a user, of the administrator, of Directus, of search, of the identity. */
const ROTATED = [
  "postgres_superuser_password",
  "muster_directus_password",
  "agent-a01",
  "directus_admin_password",
  "directus_secret",
  "rag_key",
  "instance_key",
] as const;
/** What a restore says (cli/src/backup/restore-backup.ts) before the first moment in which anybody may be away. */
const SWAP = "swapping the databases";
const MB = 1_000_000;

const created = z.looseObject({
  savedMs: z.int(),
  backup: z.looseObject({ id: z.string(), valid: z.literal(true), rows: z.int(), bytes: z.int() }),
});
const service = z.number().optional();
const lost = z.looseObject({
  downtimeSeconds: z.strictObject({ postgres: service, directus: service, rag: service, portal: service }),
});

export function measureDriver(driver: DriverId, tasks: number, signal: AbortSignal): Promise<DriverRow> {
  return onStage(driver, async (stack) => {
    const verbs = verbsOf(stack, signal);
    await verbs.run("up");
    const board = await during(`filling the board with ${tasks.toLocaleString("en")} tasks`, () =>
      onBoard(verbs, async (client) => {
        await fillBoard(client, tasks, signal);
        return boardFacts(client);
      }),
    );
    const { id, ...backup } = await createBackup(verbs);
    const { seconds: verifySeconds } = await verbs.run("backup", "verify", id);
    const restore = await verbs.watched(["restore", id, "--yes"], SWAP);
    await assertWhole(verbs, board, "restore");
    const rotations: DriverRow["rotations"][number][] = [];
    for (const secret of ROTATED)
      rotations.push({ secret, ...(await measuredByItself(verbs, "secrets", "rotate", secret)) });
    const upgrade = await measuredByItself(verbs, "upgrade", NEXT);
    await assertWhole(verbs, board, "upgrade");
    const rollback = await verbs.watched(["rollback", "--yes"]);
    await assertWhole(verbs, board, "rollback");
    return { board, backup, verifySeconds, restore, rotations, upgrade, rollback };
  });
}

async function createBackup(verbs: Verbs): Promise<DriverRow["backup"] & { readonly id: string }> {
  const { seconds, answer } = await verbs.run("backup", "create");
  const { savedMs, backup } = created.parse(answer);
  const dumpSeconds = toSeconds(savedMs);
  return {
    id: backup.id,
    dumpSeconds,
    provingSeconds: toSeconds((seconds - dumpSeconds) * 1_000),
    rows: backup.rows,
    sizeMb: Math.round((backup.bytes / MB) * 10) / 10,
  };
}

/** A verb that answers itself for how long each service was away. */
async function measuredByItself(verbs: Verbs, ...args: readonly string[]): Promise<Timed> {
  const { seconds, answer } = await verbs.run(...args);
  const { downtimeSeconds } = lost.parse(answer);
  const down = Object.fromEntries(Object.entries(downtimeSeconds).filter(([, value]) => value !== undefined));
  return { seconds, down: down satisfies Downtime };
}

/** A figure of a board that lost something on the way is none. @throws Error */
async function assertWhole(verbs: Verbs, { tasks }: BoardFacts, verb: string): Promise<void> {
  const now = await onBoard(verbs, boardFacts);
  if (now.tasks !== tasks) throw new Error(`After ${verb} the board has ${now.tasks} tasks; it had ${tasks}.`);
}

function onBoard<T>(verbs: Verbs, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withStack(verbs.loaded(), (stack) => liveServer(stack)(DATABASE_NAME, work));
}
