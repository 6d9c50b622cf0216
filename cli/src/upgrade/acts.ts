import { join } from "node:path";
import { z } from "zod";
import { backupId, getBackup } from "../backup/backup-folder.ts";
import { createBackup } from "../backup/create-backup.ts";
import { backupsFolder, liveServer } from "../backup/open-backups.ts";
import { replaceBoard, tellOfRestores } from "../backup/replace-board.ts";
import { verifyBackup } from "../backup/verify-backup.ts";
import type { Progress } from "../drivers/driver.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { runVisible } from "../host/run-visible.ts";
import { DATABASE_NAME, MAINTENANCE_DATABASE } from "../stack/connections.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import { countEventsAfter, readStanding } from "./board-standing.ts";
import type { Checkout } from "./git-checkout.ts";
import { pullRelease } from "./pull-release.ts";
import { writeRecord } from "./record.ts";
import type { RollbackActs } from "./roll-back.ts";
import type { UpgradeActs } from "./run-upgrade.ts";

/** The acts of an upgrade on a real instance. `checkout` is the one that the instance runs from. */
export function upgradeActs(stack: Stack, checkout: Checkout, progress: Progress, signal: AbortSignal): UpgradeActs {
  return {
    save: (record) => writeRecord(stack, record),
    head: () => checkout.head(),
    pull: (record) => pullRelease(stack, checkout, record, progress, signal),
    backUp: () =>
      withLock({ path: stack.paths.lock, command: "upgrade" }, async () => {
        const before = await readStanding(stack);
        const input = {
          folder: backupsFolder(stack),
          withDatabase: liveServer(stack),
          cliVersion: stack.version,
          build: stack.build,
          now: new Date(),
        };
        const made = await createBackup(input, progress, signal);
        const proven = await stack.driver.withScratchServer(signal, (server) =>
          verifyBackup(made, server, progress, signal),
        );
        return { backup: proven.id, before };
      }),
    switchTo: (ref) => checkout.switchTo(ref),
    find: (ref) => checkout.resolve(ref).catch(() => null),
    // Settings that only this call was given are recorded by none; the other release finds the rest where this one did.
    run: (args) =>
      runVisible([join(stack.checkout, "bin", "elk-os"), ...args], {
        cwd: stack.checkout,
        environment: { ELK_OS_STATE_DIR: stack.paths.root, ELK_OS_CACHE_DIR: stack.config.cacheDir },
        signal,
      }),
  };
}

/** The acts of putting the data back. The caller holds the state folder's lock. */
export function rollbackActs(stack: Stack, progress: Progress, signal: AbortSignal): RollbackActs {
  const startDatabase = async () => {
    await stack.driver.stage("postgres", progress, signal);
    await stack.driver.start("postgres", progress, signal);
  };
  return {
    save: (record) => writeRecord(stack, record),
    startDatabase,
    standing: () => readStanding(stack),
    countEventsAfter: (event) => countEventsAfter(stack, event),
    hasDatabase: (name) =>
      liveServer(stack)(MAINTENANCE_DATABASE, async (client) => {
        const { rows } = await client.query<{ present: boolean }>(readSql("database.find"), [name]);
        return rows[0]?.present === true;
      }),
    async stopWriters() {
      await stack.connections.close();
      await stack.driver.down(progress, signal);
      await startDatabase();
    },
    async restore(backup, keepAs) {
      // The swap ends every session on the board, ours too.
      await stack.connections.close();
      const replaces = await liveServer(stack)(DATABASE_NAME, async (client) => {
        const { rows } = await client.query(readSql("instance.find"));
        return z.tuple([z.object({ incarnation: z.int() })]).parse(rows)[0].incarnation;
      });
      const wanted = getBackup(backupsFolder(stack), backup);
      const untold = await replaceBoard(stack, { backup: wanted, replaces, keepAs }, progress, signal);
      return untold?.message ?? null;
    },
    tellLog: async () => (await tellOfRestores(stack))?.message ?? null,
    nameToKeep: () => `muster_before_${backupId(new Date()).toLowerCase()}`,
  };
}
