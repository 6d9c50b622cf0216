import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { formatDuration } from "../output/duration.ts";
import type { CommandResult } from "../output/reporter.ts";
import { measureOutage } from "../secrets/outage.ts";
import { SERVICE_IDS, type ServiceId } from "../services/service-def.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import { upgradeActs } from "../upgrade/acts.ts";
import { beginRecord, hasTouchedNothing } from "../upgrade/begin.ts";
import { type Checkout, openCheckout } from "../upgrade/git-checkout.ts";
import { planUpgrade, type UpgradePlan } from "../upgrade/plan-upgrade.ts";
import { findRecord, isUnfinished, type UpgradeRecord, writeRecord } from "../upgrade/record.ts";
import { runUpgrade } from "../upgrade/run-upgrade.ts";
import type { Command, Invocation } from "./command.ts";

export const upgrade: Command = {
  name: "upgrade",
  summary:
    "Go to another release of this checkout: plan, pull, verified backup, switch, up to green, or all of it undone",
  help: `The release must be in the clone already: \`git fetch --tags\` first, elk-os fetches nothing of git. Reads the target's cli/upgrades.json, installs
what it runs beside what runs now, saves and proves the board, checks the target out (detached; no branch is moved) and runs its \`up\`. When that does
not end green, the release of before is checked out again, and the data too when the schema had changed: exit 13. Exit 14 when going back
failed. Killed at any moment: run it again. docs/upgrade.md says what each step leaves.

  elk-os upgrade --dry-run            what it would do; exit 9 when there is something
  elk-os upgrade v0.2.0
  elk-os upgrade                      what the branch's upstream points at, or what is unfinished`,
  arguments: [{ name: "[ref]", description: "tag, branch or commit in this clone; default: the branch's upstream" }],
  options: [
    { flags: "--dry-run", description: "say what would be done, and change nothing" },
    { flags: "--yes", description: "what the release asks a person to do first is done" },
  ],
  run: (invocation) =>
    withStack(invocation.loaded, async (stack) => {
      stack.instance();
      const { args, options, signal } = invocation;
      const checkout = openCheckout(stack.checkout, signal);
      const ref = args[0] ?? null;
      if (options["dryRun"] === true) {
        const unfinished = await findUnfinished(stack, checkout, ref);
        return unfinished === null
          ? describePlan(await planUpgrade(stack, checkout, ref))
          : describeUnfinished(unfinished);
      }
      return withLock({ path: stack.paths.upgradeLock, command: "upgrade" }, async () => {
        const unfinished = await findUnfinished(stack, checkout, ref);
        if (unfinished !== null) {
          invocation.reporter.note(
            `going on with the upgrade to ${unfinished.to.version} that stopped before "${unfinished.step}"`,
          );
          return goThrough(stack, checkout, unfinished, invocation);
        }
        const plan = await planUpgrade(stack, checkout, ref);
        if (plan === null) return describePlan(plan);
        assertRead(plan, options["yes"] === true);
        const record = beginRecord(plan, new Date());
        writeRecord(stack, record);
        return goThrough(stack, checkout, record, invocation);
      });
    }),
};

async function goThrough(
  stack: Stack,
  checkout: Checkout,
  record: UpgradeRecord,
  { reporter, signal }: Invocation,
): Promise<CommandResult> {
  const startedAt = performance.now();
  const progress = (line: string) => reporter.note(line);
  const acts = upgradeActs(stack, checkout, progress, signal);
  let downtime: Readonly<Partial<Record<ServiceId, number>>> = {};
  // Asked ten times a second, and only while services start again: the rest is done beside a board in use.
  const run = async (words: readonly string[]) => {
    const { result, seconds } = await measureOutage(stack, SERVICE_IDS, () => acts.run(words));
    downtime = seconds;
    return result;
  };
  const { from, to, backup } = await runUpgrade(record, { ...acts, run }, progress);
  const lost = Object.entries(downtime).map(([service, lostSeconds]) => `${service} ${lostSeconds} s`);
  return {
    exit: EXIT.ok,
    data: { ok: true, changed: 1, from, to, backup, downtimeSeconds: downtime },
    lines: [
      `${describeSide(from)} → ${describeSide(to)} in ${formatDuration(performance.now() - startedAt)}`,
      `did not serve: ${lost.join(", ")}`,
      `the board of before is backup ${backup}; elk-os rollback goes back to it`,
    ],
  };
}

/** The upgrade to go on with. One that has touched nothing gives way to another target. @throws CliError UPGRADE_REFUSED */
async function findUnfinished(stack: Stack, checkout: Checkout, ref: string | null): Promise<UpgradeRecord | null> {
  const record = findRecord(stack);
  if (record === null || !isUnfinished(record)) return null;
  if (ref === null || (await checkout.resolve(ref)) === record.to.commit) return record;
  if (hasTouchedNothing(record)) return null;
  throw new CliError("UPGRADE_REFUSED", {
    message: `An upgrade to ${describeSide(record.to)} stopped before "${record.step}"; another one cannot begin in the middle of it.`,
    hint: "elk-os upgrade goes on with it; elk-os rollback goes back.",
  });
}

function assertRead({ manual, to }: UpgradePlan, isDone: boolean): void {
  if (manual.length === 0 || isDone) return;
  throw new CliError("UPGRADE_REFUSED", {
    message: `${to.version} asks for something first: ${manual.join(" ")}`,
    hint: `When it is done: elk-os upgrade ${to.commit.slice(0, 12)} --yes`,
    facts: { manual },
  });
}

function describePlan(plan: UpgradePlan | null): CommandResult {
  if (plan === null) {
    return {
      exit: EXIT.ok,
      data: { ok: true, changed: 0, pending: false },
      lines: ["nothing to do: it is checked out"],
    };
  }
  const { from, to, migrations, restarts, changesPackages, manual } = plan;
  return {
    exit: EXIT.pending,
    data: { ok: false, pending: true, ...plan },
    lines: [
      `${describeSide(from)} → ${describeSide(to)}`,
      `packages  ${changesPackages ? "others; installed before anything is stopped" : "the same"}`,
      "backup    saved and proven before anything changes",
      `schema    ${migrations.length === 0 ? "unchanged" : migrations.join(", ")}`,
      `restarts  ${restarts.join(", ")}`,
      ...manual.map((sentence) => `first     ${sentence}`),
    ],
  };
}

function describeUnfinished({ from, to, step }: UpgradeRecord): CommandResult {
  return {
    exit: EXIT.pending,
    data: { ok: false, pending: true, from, to, step },
    lines: [
      `an upgrade to ${describeSide(to)} stopped before "${step}"; elk-os upgrade goes on, elk-os rollback goes back`,
    ],
  };
}

function describeSide({ version, commit }: UpgradeRecord["to"]): string {
  return `${version} (${commit.slice(0, 12)})`;
}
