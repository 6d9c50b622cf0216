/** An upgrade of a real stack, and one that is undone, killed or out of disk in every step that the record names: nothing is lost, and it ends whole. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { processesBelow } from "../../cli/src/host/process-table.ts";
import { currentIdentity, isRoot } from "../../cli/src/host/users.ts";
import { expectGreen, newestMigration } from "../support/doctor.ts";
import { linkCache } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import {
  makeReleasedCheckout,
  RED_RELEASE,
  type ReleasedCheckout,
  SOUND_RELEASE,
} from "../support/released-checkout.ts";
import { CHECKOUT, type Ran, raiseStack, type Stack } from "../support/stack.ts";
import { addTask, countTasks } from "../support/titled-tasks.ts";

const UPGRADE_MS = 300_000;
const TEST_MS = 900_000;
/** A disk of its own, large enough for the budget that HOST-02 asks for. */
const DISK_MB = 6 * 1024;
/** What is left of it: less than a server's first files take. */
const LEFT_BYTES = 8 * 1024 * 1024;
const FILL_TRIES = 50;

const recorded = z.looseObject({ step: z.string(), undo: z.object({ kept: z.string() }).nullable() });
interface Moment {
  readonly what: string;
  readonly isIt: (record: z.infer<typeof recorded>) => boolean;
}

/** In the order in which an upgrade comes to them. */
const FORWARD: readonly Moment[] = ["pull", "backup", "switch", "up"].map((wanted) => ({
  what: wanted,
  isIt: ({ step }) => step === wanted,
}));
const BACK: readonly Moment[] = [
  { what: "the new release comes up", isIt: ({ step }) => step === "up" },
  { what: "it goes back", isIt: ({ step }) => step === "rollback" },
  { what: "the board of before is put back", isIt: ({ step, undo }) => step === "rollback" && undo !== null },
];

interface Harm {
  readonly harm: string;
  /** Release that gets green, and the one on top of it that does not. */
  readonly sound: string;
  readonly red: string;
  readonly migration: number;
  readonly needs: "root" | "nothing";
  /** Does it to a running upgrade; what it answers is taken back when that has ended. */
  readonly hit: (pid: number) => () => void;
  readonly expectHit: (ran: Ran) => void;
}

const HARMS: readonly Harm[] = [
  {
    harm: "killed with all that it had started",
    ...{ sound: "v0.2.0", red: "v0.3.0", migration: 9000, needs: "nothing" },
    hit(pid) {
      for (const { pid: each } of processesBelow(pid)) kill(each);
      return () => undefined;
    },
    expectHit: (ran) => expect(ran.signal, said(ran)).toBe("SIGKILL"),
  },
  {
    harm: "out of disk",
    ...{ sound: "v0.4.0", red: "v0.5.0", migration: 9100, needs: "root" },
    hit() {
      fillDisk();
      return () => resizeDisk(`${DISK_MB}m`);
    },
    expectHit: (ran) => expect([EXIT.phaseFailed, EXIT.rolledBack, EXIT.rollbackFailed], said(ran)).toContain(ran.exit),
  },
];

let disk: string;
let checkout: ReleasedCheckout;
let stack: Stack;
beforeAll(async () => {
  disk = mkdtempSync(join(tmpdir(), "muster-upgrade-harm-"));
  if (isRoot()) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "none", disk]);
  // Services of a stack that root raises run as another user, who must walk through.
  chmodSync(disk, 0o711);
  checkout = makeReleasedCheckout(join(disk, "checkout"), currentIdentity());
  checkout.release("v0.2.0", SOUND_RELEASE);
  checkout.release("v0.3.0", RED_RELEASE);
  checkout.release("v0.4.0", {
    ...{ base: "v0.2.0", version: "0.4.0" },
    migrations: { "9100-say-more.sql": "comment on schema muster is 'the law, third edition';\n" },
  });
  checkout.release("v0.5.0", {
    ...{ base: "v0.4.0", version: "0.5.0" },
    migrations: { "9101-make-surplus.sql": "create table muster.surplus (id int);\n" },
  });
  ({ stack } = await raiseStack({
    checkout: checkout.folder,
    stateDir: join(checkout.folder, ".elk-os"),
    cacheDir: linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(disk, "cache")).path,
  }));
});
afterAll(async () => {
  await stack?.dispose();
  if (isRoot()) execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** What is written in between makes a size too small, which the kernel refuses. */
function fillDisk(): void {
  for (let left = FILL_TRIES; ; left -= 1) {
    const { blocks, bfree, bsize } = statfsSync(disk);
    try {
      resizeDisk(`${(blocks - bfree) * bsize + LEFT_BYTES}`);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

const resizeDisk = (size: string) => execFileSync("mount", ["-o", `remount,size=${size}`, disk], { stdio: "pipe" });
const said = ({ stdout, stderr }: Ran) => `${stdout}${stderr}`;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended.
  }
}

function isNow({ isIt }: Moment): boolean {
  const path = join(stack.stateDir, "upgrade.json");
  return existsSync(path) && isIt(recorded.parse(JSON.parse(readFileSync(path, "utf8"))));
}

/** One that was undone by the harm before has to begin again before it comes to that moment. */
async function harmIn(moment: Moment, release: string, { hit, expectHit }: Harm): Promise<void> {
  for (;;) {
    const { child, ended } = stack.start(["upgrade", release, "--json"], { timeoutMs: UPGRADE_MS });
    await eventually(moment.what, () => child.exitCode !== null || isNow(moment), UPGRADE_MS);
    if (child.exitCode !== null) {
      const ran = await ended;
      expect(ran.exit, said(ran)).toBe(EXIT.rolledBack);
      continue;
    }
    const takeBack = hit(child.pid ?? 0);
    const ran = await ended.finally(takeBack);
    expectHit(ran);
    return;
  }
}

/** Undisturbed, it may have to end what was begun first. */
async function finish(release: string): Promise<Ran> {
  const go = () => stack.run(["upgrade", release, "--json"], { timeoutMs: UPGRADE_MS });
  const ran = await go();
  return ran.exit === EXIT.rolledBack ? go() : ran;
}

async function expectWhole(release: string, migration: number, titles: readonly string[]): Promise<void> {
  expect(checkout.git("rev-parse", "HEAD")).toBe(checkout.git("rev-parse", `${release}^{commit}`));
  expect(await newestMigration(stack)).toBe(migration);
  expect(await Promise.all(titles.map((title) => countTasks(stack, title)))).toEqual(titles.map(() => 1));
  const verified = await stack.run(["events", "verify", "--json"]);
  expect(verified, verified.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  await expectGreen(stack);
}

describe.for(HARMS)("an upgrade that is $harm", { timeout: TEST_MS }, (harm) => {
  const { sound, red, migration } = harm;
  const titles = [`before ${sound}`, `before ${red}`] as const;

  it.skipIf(harm.needs === "root" && !isRoot())(
    "in each of its steps ends on the new release, with everything that was on the board",
    async () => {
      await addTask(stack, titles[0]);
      for (const moment of FORWARD) await harmIn(moment, sound, harm);
      const went = await finish(sound);
      expect(went, said(went)).toMatchObject({ exit: EXIT.ok, json: { ok: true } });
      await expectWhole(sound, migration, [titles[0]]);
    },
  );

  it.skipIf(harm.needs === "root" && !isRoot())(
    "in each step of going back ends on the release of before, with everything that was on the board",
    async () => {
      await addTask(stack, titles[1]);
      for (const moment of BACK) await harmIn(moment, red, harm);
      const went = await finish(red);
      expect(went, said(went)).toMatchObject({
        exit: EXIT.rolledBack,
        json: { error: { code: "UPGRADE_ROLLED_BACK" } },
      });
      await expectWhole(sound, migration, titles);
    },
  );
});
