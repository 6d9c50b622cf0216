/** The board that the first release made and worked on: test/fixtures/first-release/README.md says how. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Backup, getBackup } from "../../cli/src/backup/backup-folder.ts";

const ARCHIVE = resolve(import.meta.dirname, "..", "fixtures", "first-release", "backup.tar.gz");

/** Lays its backup out in this folder, where an instance keeps its own. The folder may be there or not. */
export function unpackFirstRelease(backups: string): Backup {
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  execFileSync("tar", ["-xzf", ARCHIVE, "--no-same-owner", "-C", backups]);
  return getBackup(backups, "20261130T152655Z");
}
