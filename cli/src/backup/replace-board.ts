import type pg from "pg";
import type { Progress } from "../drivers/driver.ts";
import { type CliError, toCliError } from "../errors/cli-error.ts";
import { DATABASE_NAME } from "../stack/connections.ts";
import type { Stack } from "../stack/stack.ts";
import type { TrailPlaces } from "../trail/list-moments.ts";
import { asOfNow, trailPlaces } from "../trail/open-trail.ts";
import { dropUnfinished, highestTold, recordRestores } from "../trail/record-restores.ts";
import { admitAdministrator } from "./admit-administrator.ts";
import { announceRestore } from "./announce-restore.ts";
import type { Backup } from "./backup-folder.ts";
import type { WithDatabase } from "./database.ts";
import { liveServer } from "./open-backups.ts";
import { type Incoming, restoreBackup } from "./restore-backup.ts";

/** What is to be put in the board's place. */
export interface Replacement {
  readonly backup: Backup;
  /** Incarnation of the live board. */
  readonly replaces: number;
  /** Name that the replaced database gets; it is kept, closed. */
  readonly keepAs: string;
}

/**
 * Puts a backup in the board's place and has the log tell of it. The caller holds the state folder's lock. Answers why the log does not tell of it, or
 * null when it does: from the swap on the board is another one, whatever the log answers, and a witness in the state folder lets the next
 * `events checkpoint` or restore tell it.
 * @throws CliError of the loading, the comparison or the swap; the live board stands then as it did
 */
export async function replaceBoard(
  stack: Stack,
  { backup, replaces, keepAs }: Replacement,
  progress: Progress,
  signal: AbortSignal,
): Promise<CliError | null> {
  const live = liveServer(stack);
  const places = trailPlaces(stack);
  // One that died after its swap is told of before this one's, and one that died before it is none.
  await tellLog(live, places);
  await live(DATABASE_NAME, (client) => dropUnfinished(client, places));
  const { instanceId } = stack.instance();
  const highest = Math.max(replaces, highestTold(places));
  const swap = { backup, cliVersion: stack.version, instanceId, replaces, highest, keepAs };
  const announce = (incoming: Incoming) => announceRestore(places, swap, incoming);
  const administrator = { email: stack.config.adminEmail, token: stack.secrets.read("directus_admin_token") };
  const admit = (client: pg.Client) => admitAdministrator(client, administrator);
  await restoreBackup({ ...swap, withDatabase: live, admit, announce }, progress, signal);
  return tellOfRestores(stack);
}

/** Has the log tell of a restore that died after its swap. Answers why it does not, or null when it does or there is none. */
export function tellOfRestores(stack: Stack): Promise<CliError | null> {
  return tellLog(liveServer(stack), trailPlaces(stack)).then(
    () => null,
    (error: unknown) => toCliError(error),
  );
}

function tellLog(live: WithDatabase, places: TrailPlaces): Promise<string | null> {
  return live(DATABASE_NAME, (client) => asOfNow(client, () => recordRestores(client, places)));
}
