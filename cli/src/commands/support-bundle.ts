import { join } from "node:path";
import { backupId, listBackups } from "../backup/backup-folder.ts";
import { backupsFolder } from "../backup/open-backups.ts";
import { CHECKS } from "../checks/index.ts";
import { runChecks } from "../checks/run-checks.ts";
import { EXIT } from "../errors/catalog.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { mergeLines, readTail } from "../support/log-tail.ts";
import { makeBundle } from "../support/make-bundle.ts";
import { readLogs } from "../support/read-logs.ts";
import { redactor } from "../support/redact.ts";
import { findRecord } from "../upgrade/record.ts";
import type { Command } from "./command.ts";

const LOG_LINES = 2_000;
const JOURNAL_LINES = 500;

export const supportBundle: Command = {
  name: "support-bundle",
  summary: "Pack what somebody needs who shall help: facts, settings, doctor, journal and logs, without a secret",
  help: `Holds no row of the board. Every file is redacted, then read again and searched for each secret of the instance in four forms; one hit, and the
bundle is removed and the command fails. Look into it before you send it: a log may quote what an agent wrote.

  elk-os support-bundle`,
  run: ({ loaded, signal }) =>
    withStack(loaded, async (stack) => {
      stack.instance();
      const files = await gather(stack, signal);
      const { archive, sha256 } = await makeBundle({
        folder: join(stack.paths.root, "support"),
        id: `muster-support-${backupId(new Date()).toLowerCase()}`,
        files,
        secrets: stack.secrets,
        redact: redactor(stack.secrets),
        signal,
      });
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: 1, archive, sha256, files: Object.keys(files) },
        lines: [archive, `sha256  ${sha256}`, `holds   ${Object.keys(files).join(", ")}`],
      };
    }),
};

async function gather(stack: Stack, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  const { paths, config, provenance, driver } = stack;
  const checks = await runChecks({ registry: CHECKS, context: stack, driver: driver.id, signal });
  const logs = await readLogs(driver, LOG_LINES, signal);
  return {
    "facts.json": json({
      version: stack.version,
      build: stack.build,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      instance: stack.instance(),
      driver: driver.id,
      services: await driver.status(),
      backups: listBackups(backupsFolder(stack)).map(({ id, bytes, proof }) => ({ id, bytes, proven: proof !== null })),
      upgrade: readUpgrade(stack),
    }),
    "settings.json": json({ settings: config, sources: provenance }),
    "doctor.json": json(checks),
    "journal.jsonl": `${readTail(paths.journal, JOURNAL_LINES).join("\n")}\n`,
    "logs.txt": `${mergeLines(logs)
      .map(({ at, service, line }) => `${at ?? "-"} ${service} ${line}`)
      .join("\n")}\n`,
  };
}

/** A bundle is asked for when something is broken: a damaged record is one more fact, not the end of it. */
function readUpgrade(stack: Stack): unknown {
  try {
    return findRecord(stack);
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
