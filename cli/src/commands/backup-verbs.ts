import { type Backup, getBackup, listBackups } from "../backup/backup-folder.ts";
import { createBackup } from "../backup/create-backup.ts";
import { backupsFolder, liveServer } from "../backup/open-backups.ts";
import { rowsOf, verifyBackup } from "../backup/verify-backup.ts";
import { EXIT } from "../errors/catalog.ts";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/duration.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import type { Command, Invocation } from "./command.ts";

export const backupCreate: Command = {
  name: "backup create",
  summary: "Save the board, then restore the copy into a scratch server and compare",
  help: `Taken as of one moment while the board is in use. A backup is valid only after it was restored once: every table by
count and content, every object by its definition. It holds no secret, and neither memory/ nor log/, which are in git.

  elk-os backup create
  elk-os backup create --no-verify    save now, \`elk-os backup verify ID\` later`,
  options: [{ flags: "--no-verify", description: "do not try the backup; it is then listed as unverified" }],
  run: (invocation) =>
    withBackups(invocation, "backup create", async (stack) => {
      const { options, reporter, signal } = invocation;
      const startedAt = performance.now();
      const progress = (line: string) => reporter.note(line);
      const made = await createBackup(
        {
          folder: backupsFolder(stack),
          withDatabase: liveServer(stack),
          cliVersion: stack.version,
          build: stack.build,
          now: new Date(),
        },
        progress,
        signal,
      );
      const savedMs = Math.round(performance.now() - startedAt);
      const backup = options["verify"] === false ? made : await prove(stack, made, invocation);
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: 1, backup: toJson(backup), savedMs },
        lines: [describe(backup), `saved in ${formatDuration(savedMs)}, in ${backup.folder}`],
      };
    }),
};

export const backupList: Command = {
  name: "backup list",
  summary: "List the backups, newest first, and whether each was proven",
  help: `  elk-os backup list --json`,
  run: ({ loaded }) =>
    withStack(loaded, async (stack) => {
      const backups = listBackups(backupsFolder(stack));
      return {
        exit: EXIT.ok,
        data: { ok: true, backups: backups.map(toJson) },
        lines: backups.length === 0 ? ["no backup yet: elk-os backup create"] : backups.map(describe),
      };
    }),
};

export const backupVerify: Command = {
  name: "backup verify",
  summary: "Restore a backup into a scratch server and compare it with what was saved",
  help: `Ends with 11 when anything differs, and names it.

  elk-os backup verify            the newest
  elk-os backup verify 20261122T190512Z`,
  arguments: [{ name: "[id]", description: "from `elk-os backup list`; default: the newest" }],
  run: (invocation) =>
    withBackups(invocation, "backup verify", async (stack) => {
      const backup = await prove(stack, getBackup(backupsFolder(stack), invocation.args[0] ?? "latest"), invocation);
      return { exit: EXIT.ok, data: { ok: true, backup: toJson(backup) }, lines: [describe(backup)] };
    }),
};

function withBackups<T>({ loaded }: Invocation, command: string, work: (stack: Stack) => Promise<T>): Promise<T> {
  return withStack(loaded, (stack) => {
    stack.instance();
    return withLock({ path: stack.paths.lock, command }, () => work(stack));
  });
}

function prove(stack: Stack, backup: Backup, { reporter, signal }: Invocation): Promise<Backup> {
  return stack.driver.withScratchServer(signal, (server) =>
    verifyBackup(backup, server, (line) => reporter.note(line), signal),
  );
}

function toJson(backup: Backup) {
  const { id, manifest, proof, bytes } = backup;
  return {
    id,
    createdAt: manifest.createdAt,
    release: manifest.cliVersion,
    instanceId: manifest.instanceId,
    incarnation: manifest.incarnation,
    tables: manifest.tables.length,
    rows: rowsOf(backup),
    bytes,
    valid: proof !== null,
    verifiedAt: proof?.verifiedAt ?? null,
  };
}

function describe(backup: Backup): string {
  const { id, tables, rows, bytes, valid } = toJson(backup);
  return `${id}  ${valid ? "verified  " : "unverified"}  ${counted(tables, "table")}, ${counted(rows, "row")}, ${Math.ceil(bytes / 1024)} KiB`;
}
