import { rmSync } from "node:fs";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { isAlive } from "../host/process-table.ts";
import type { CommandResult } from "../output/reporter.ts";
import { PHASE_IDS } from "../phases/phase.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { findHolder, withLock } from "../state/lock.ts";
import { rollbackActs, upgradeActs } from "../upgrade/acts.ts";
import { hasTouchedNothing } from "../upgrade/begin.ts";
import { type Checkout, openCheckout } from "../upgrade/git-checkout.ts";
import { findRecord, type UpgradeRecord, writeRecord } from "../upgrade/record.ts";
import { type DataRollback, inspectData, rollBackData } from "../upgrade/roll-back.ts";
import { forgetUpgrade, undoUpgrade } from "../upgrade/undo-upgrade.ts";
import { bringUp } from "./bring-up.ts";
import type { Command, Invocation } from "./command.ts";

export const rollback: Command = {
  name: "rollback",
  summary: "Undo the last upgrade: the release of before, and its data when the schema had changed",
  help: `Says first what would be lost. When the upgrade changed the schema, the board goes back to the backup of before it, and what was written
since stays only in the replaced database, which is kept closed. When it did not, nothing that was written is lost. An upgrade that stopped
before it changed anything is given up.

  elk-os rollback            what would be lost; exit 12
  elk-os rollback --yes`,
  options: [{ flags: "--yes", description: "confirm that what was written since the upgrade may leave the board" }],
  run: (invocation) =>
    withStack(invocation.loaded, (stack) => {
      const { upgradeLock } = stack.paths;
      const holder = findHolder(upgradeLock);
      // An upgrade that goes back by itself holds the lock, and waits for this process.
      const isPartOfUpgrade = holder !== null && holder.pid === process.ppid && isAlive(holder);
      const work = () => undo(stack, invocation);
      return isPartOfUpgrade ? work() : withLock({ path: upgradeLock, command: "rollback" }, work);
    }),
};

async function undo(stack: Stack, invocation: Invocation): Promise<CommandResult> {
  const { options, reporter, signal } = invocation;
  const found = findUndoable(stack);
  if (hasTouchedNothing(found)) return giveUp(stack, found);
  const checkout = openCheckout(stack.checkout, signal);
  await assertEitherSide(found, checkout);
  const progress = (line: string) => reporter.note(line);
  const data = rollbackActs(stack, progress, signal);
  if (options["yes"] !== true) return refuse(found, await inspectData(found, data));
  const undone = await undoUpgrade(found, {
    ...upgradeActs(stack, checkout, progress, signal),
    takeBack: (commit) => checkout.takeBack(commit),
    putBack: (record) => withLock({ path: stack.paths.lock, command: "rollback" }, () => rollBackData(record, data)),
  });
  return undone.by === "other-release"
    ? handOver(found, undone.exit)
    : finish(stack, undone.record, undone.data, invocation);
}

function findUndoable(stack: Stack): UpgradeRecord {
  const record = findRecord(stack);
  if (record !== null && record.step !== "rolled-back") return record;
  throw new CliError("UPGRADE_REFUSED", {
    message: record === null ? "There was no upgrade to undo." : "The last upgrade is undone already.",
    hint: "elk-os backup list shows what elk-os restore can put back.",
  });
}

/** A checkout of something else has neither release's code. @throws CliError UPGRADE_REFUSED */
async function assertEitherSide({ from, to, backup }: UpgradeRecord, checkout: Checkout): Promise<void> {
  const head = await checkout.head();
  if (head === from.commit || head === to.commit) return;
  throw new CliError("UPGRADE_REFUSED", {
    message: `Checked out is ${head.slice(0, 12)}, which is neither side of the last upgrade (${from.commit.slice(0, 12)} → ${to.commit.slice(0, 12)}).`,
    hint: `git checkout ${to.commit.slice(0, 12)} first, or elk-os restore ${backup ?? "latest"}.`,
  });
}

function giveUp(stack: Stack, record: UpgradeRecord): CommandResult {
  forgetUpgrade(record, {
    dropRelease: () => rmSync(stack.paths.release, { recursive: true, force: true }),
    save: (forgotten) => writeRecord(stack, forgotten),
  });
  return {
    exit: EXIT.ok,
    data: { ok: true, changed: 0, to: record.from, restored: false, lostEvents: 0, kept: null, untold: null },
    lines: [`the upgrade to ${record.to.version} is given up; it had changed nothing`],
  };
}

function refuse(record: UpgradeRecord, { restored, lostEvents }: Awaited<ReturnType<typeof inspectData>>): never {
  throw new CliError("DESTRUCTIVE_REFUSED", {
    message: restored
      ? `rollback puts back the board of ${record.startedAt}: ${lostEvents} events since then leave it.`
      : `rollback checks out ${record.from.version} again; the schema did not change, so the board keeps all that was written.`,
    hint: "If that is meant: elk-os rollback --yes",
    facts: { restores: restored, lostEvents },
  });
}

/** Brings the release of before up; only a green board ends a rollback. */
async function finish(
  stack: Stack,
  record: UpgradeRecord,
  { restored, lostEvents, kept, untold }: DataRollback,
  invocation: Invocation,
): Promise<CommandResult> {
  const board = await bringUp(invocation, PHASE_IDS);
  if (board.exit !== EXIT.ok) {
    throw new CliError("ROLLBACK_FAILED", {
      message: `${record.from.version} is checked out and its services run, but its board is red, first by ${board.firstCause ?? "having no check that ran"} (exit ${board.exit}).`,
      hint: "elk-os doctor names the first cause; mended, elk-os rollback --yes ends what was begun.",
      facts: { up: board.data, kept, untold },
    });
  }
  writeRecord(stack, { ...(findRecord(stack) ?? record), step: "rolled-back" });
  return {
    exit: EXIT.ok,
    data: { ok: true, changed: 1, to: record.from, restored, lostEvents, kept, untold, up: board.data },
    lines: [
      ...board.lines,
      `${record.from.version} (${record.from.commit.slice(0, 12)}) runs again`,
      restored
        ? `the board is backup ${record.backup}; ${lostEvents} events since then are in the closed database ${kept} only`
        : "the board kept all that was written",
      ...(untold === null ? [] : [`the log does not tell of this restore until elk-os events checkpoint: ${untold}`]),
    ],
  };
}

function handOver(record: UpgradeRecord, exit: number): CommandResult {
  if (exit === EXIT.ok) {
    return {
      exit,
      data: { ok: true, changed: 1, to: record.from },
      lines: [`${record.from.version} runs again; its own answer is above`],
    };
  }
  throw new CliError("ROLLBACK_FAILED", {
    message: `${record.from.version} is checked out, and its rollback ended with ${exit}.`,
    hint: "Read its answer above; elk-os rollback --yes tries again.",
    facts: { exit },
  });
}
