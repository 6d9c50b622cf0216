import { z } from "zod";
import { listBackups } from "../../backup/backup-folder.ts";
import { backupsFolder } from "../../backup/open-backups.ts";
import { readSql } from "../../drivers/embedded/read-sql.ts";
import { CliError } from "../../errors/cli-error.ts";
import { counted } from "../../output/counted.ts";
import { type Check, type Finding, fail, pass, skip } from "../check.ts";

const DAY_MS = 24 * 3_600_000;
const activityRow = z.object({ newest_event: z.date().nullable(), now: z.date() });

/** OPS-02. */
export const backedUp: Check = {
  id: "OPS-02",
  title: "A proven backup holds what is on the board, or is younger than the settings ask",
  severity: "warning",
  dependsOn: ["PG-03"],
  timeoutMs: 10_000,
  async probe(stack) {
    const days = stack.config.backupMaxAgeDays;
    if (days === 0) return skip("ELK_OS_BACKUP_MAX_AGE_DAYS is 0: nobody asks for backups");
    const { rows } = await stack.connections.withClient("postgres", (client) =>
      client.query(readSql("board.activity")),
    );
    const { newest_event: newestEvent, now } = activityRow.parse(rows[0]);
    const madeAt = new Date(stack.instance().createdAt);
    try {
      const backups = listBackups(backupsFolder(stack)).map(({ id, manifest, proof }) => ({
        id,
        at: new Date(manifest.createdAt),
        isProven: proof !== null,
      }));
      return judgeBackups({ backups, newestEvent, madeAt, now }, days);
    } catch (error) {
      if (error instanceof CliError && error.code === "BACKUP_INVALID") return fail(error.message);
      throw error;
    }
  },
  fix: {
    summary: "elk-os backup create saves the board and proves the copy; ELK_OS_BACKUP_MAX_AGE_DAYS says how often",
  },
};

export interface BackupFacts {
  /** Newest first. */
  readonly backups: readonly { readonly id: string; readonly at: Date; readonly isProven: boolean }[];
  /** When the board was last written; null: never. */
  readonly newestEvent: Date | null;
  /** When the instance was made. */
  readonly madeAt: Date;
  readonly now: Date;
}

/** A copy that was never restored and compared is no backup. An instance younger than the allowed age is not asked yet. Pure. */
export function judgeBackups({ backups, newestEvent, madeAt, now }: BackupFacts, days: number): Finding {
  const ageOf = (at: Date) => now.getTime() - at.getTime();
  const sayAge = (at: Date) => `${counted(Math.max(0, Math.floor(ageOf(at) / DAY_MS)), "day")} old`;
  const allowed = `a proven backup of at most ${counted(days, "day")}`;
  const proven = backups.find(({ isProven }) => isProven);
  if (proven === undefined) {
    const unproven = backups.length === 0 ? "no backup" : `${counted(backups.length, "backup")}, none of them proven`;
    const said = `${unproven}; the instance is ${sayAge(madeAt)}`;
    return ageOf(madeAt) <= days * DAY_MS
      ? skip(`${said}, and is asked for one after ${counted(days, "day")}`)
      : fail(said, { expected: allowed });
  }
  const said = `${proven.id}, ${sayAge(proven.at)}`;
  if (newestEvent === null || newestEvent <= proven.at) return pass(`${said}; nothing was written since`);
  return ageOf(proven.at) <= days * DAY_MS
    ? pass(said)
    : fail(`${said}; the board was written since, last at ${newestEvent.toISOString()}`, { expected: allowed });
}
