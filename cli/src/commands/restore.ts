import { backupId, getBackup } from "../backup/backup-folder.ts";
import { createBackup } from "../backup/create-backup.ts";
import { backupsFolder, liveServer } from "../backup/open-backups.ts";
import { replaceBoard } from "../backup/replace-board.ts";
import { verifyBackup } from "../backup/verify-backup.ts";
import { assertOwnDatabase } from "../database/assert-own.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { PHASE_IDS } from "../phases/phase.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import { bringUp } from "./bring-up.ts";
import type { Command } from "./command.ts";

export const restore: Command = {
  name: "restore",
  summary: "Put a backup in the place of the board, keep the replaced one, and bring everything up again",
  help: `Everything written since the backup leaves the board, so --yes is needed. Before anything changes, the board of now is saved, and the
backup is loaded beside it and compared; only then the two are swapped. Claims and tokens of before are refused afterwards. The log gets an
entry that says which backup it was and which checkpoints are lost by it, and \`elk-os events verify\` heeds it.

  elk-os restore latest --yes
  elk-os restore 20261122T190512Z --yes`,
  arguments: [{ name: "<id>", description: "from `elk-os backup list`, or latest" }],
  options: [
    { flags: "--yes", description: "confirm that the board of now may be replaced" },
    { flags: "--allow-foreign", description: "the backup may come from another instance" },
  ],
  async run(invocation) {
    const { args, options, loaded, reporter, signal } = invocation;
    const { untold, ...done } = await withStack(loaded, (stack) =>
      withLock({ path: stack.paths.lock, command: "restore" }, async () => {
        assertOwnDatabase(stack);
        const { instanceId } = stack.instance();
        const folder = backupsFolder(stack);
        const wanted = getBackup(folder, args[0] ?? "latest");
        if (wanted.manifest.instanceId !== instanceId && options["allowForeign"] !== true) {
          throw new CliError("DESTRUCTIVE_REFUSED", {
            message: `Backup ${wanted.id} is of instance ${wanted.manifest.instanceId}; this one is ${instanceId}.`,
            hint: "If that is meant: add --allow-foreign",
          });
        }
        if (options["yes"] !== true) {
          throw new CliError("DESTRUCTIVE_REFUSED", {
            message: `restore replaces the board by its state of ${wanted.manifest.createdAt}.`,
            hint: `If that is meant: elk-os restore ${wanted.id} --yes`,
          });
        }
        const progress = (line: string) => reporter.note(line);
        const now = new Date();
        const saved = await createBackup(
          { folder, withDatabase: liveServer(stack), cliVersion: stack.version, build: stack.build, now },
          progress,
          signal,
        );
        const safety = await stack.driver.withScratchServer(signal, (server) =>
          verifyBackup(saved, server, progress, signal),
        );
        const keepAs = `muster_before_${backupId(now).toLowerCase()}`;
        const replacement = { backup: wanted, replaces: saved.manifest.incarnation, keepAs };
        const untold = await replaceBoard(stack, replacement, progress, signal);
        // Pools and caches of the services still know the board of before.
        await stack.driver.down(progress, signal);
        return { restored: wanted.id, safety: safety.id, kept: keepAs, untold };
      }),
    );
    const board = await bringUp(invocation, PHASE_IDS);
    if (untold !== null) {
      throw new CliError("RESTORE_UNRECORDED", {
        message: `${done.restored} is restored, and the log does not tell of it: ${untold.message}`,
        hint: "Until it does, events verify names the lost checkpoints: elk-os events checkpoint",
        facts: { ...done, up: board.data },
        cause: untold,
      });
    }
    return {
      exit: board.exit,
      data: { ok: board.exit === EXIT.ok, ...done, up: board.data },
      lines: [
        ...board.lines,
        `restored ${done.restored}; the board of before is backup ${done.safety} and the closed database ${done.kept}`,
      ],
    };
  },
};
