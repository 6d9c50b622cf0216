/** An upgrade of a real stack, and one that is undone, killed with all that they had started in every step that the record names. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { processesBelow } from "../../cli/src/host/process-table.ts";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { expectGreen, newestMigration } from "../support/doctor.ts";
import { linkCache } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import {
  makeReleasedCheckout,
  RED_RELEASE,
  type ReleasedCheckout,
  SOUND_RELEASE,
} from "../support/released-checkout.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";
import { addTask, countTasks } from "../support/titled-tasks.ts";

const UPGRADE_MS = 300_000;
const TEST_MS = 900_000;

const recorded = z.looseObject({ step: z.string(), undo: z.object({ kept: z.string() }).nullable() });
type Recorded = z.infer<typeof recorded>;

/** In the order in which an upgrade comes to them. Each is killed once, and the next run goes on. */
const FORWARD = ["pull", "backup", "switch", "up"] as const;
const BACK: readonly { readonly what: string; readonly isIt: (record: Recorded) => boolean }[] = [
  { what: "the new release comes up", isIt: ({ step }) => step === "up" },
  { what: "it goes back", isIt: ({ step }) => step === "rollback" },
  { what: "the board of before is put back", isIt: ({ step, undo }) => step === "rollback" && undo !== null },
];

let folder: string;
let checkout: ReleasedCheckout;
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-upgrade-kill-"));
  // Services of a stack that root raises run as another user, who must walk through.
  chmodSync(folder, 0o711);
  checkout = makeReleasedCheckout(join(folder, "checkout"), currentIdentity());
  checkout.release("v0.2.0", SOUND_RELEASE);
  checkout.release("v0.3.0", RED_RELEASE);
  ({ stack } = await raiseStack({
    checkout: checkout.folder,
    stateDir: join(checkout.folder, ".elk-os"),
    cacheDir: linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache")).path,
  }));
});
afterAll(async () => {
  await stack?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function record(): Recorded | null {
  const path = join(stack.stateDir, "upgrade.json");
  return existsSync(path) ? recorded.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
}

const upgrade = (ref: string) => ["upgrade", ref, "--json"];

/** As a power cut would, but for what ran before. */
async function killWhen(what: string, isIt: (record: Recorded) => boolean, ref: string): Promise<void> {
  const { child, ended } = stack.start(upgrade(ref), { timeoutMs: UPGRADE_MS });
  await eventually(
    what,
    () => {
      const found = record();
      return child.exitCode !== null || (found !== null && isIt(found));
    },
    UPGRADE_MS,
  );
  const below = processesBelow(child.pid ?? 0);
  child.kill("SIGKILL");
  for (const { pid } of below) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It had ended.
    }
  }
  const ran = await ended;
  expect(ran.signal, `${what}: ${ran.stdout}${ran.stderr}`).toBe("SIGKILL");
}

const headIs = (tag: string) =>
  expect(checkout.git("rev-parse", "HEAD")).toBe(checkout.git("rev-parse", `${tag}^{commit}`));

async function expectWhole(release: string, titles: readonly string[]): Promise<void> {
  headIs(release);
  expect(await newestMigration(stack)).toBe(9000);
  expect(await Promise.all(titles.map((title) => countTasks(stack, title)))).toEqual(titles.map(() => 1));
  const verified = await stack.run(["events", "verify", "--json"]);
  expect(verified, verified.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  await expectGreen(stack);
}

it(
  "an upgrade that is killed in each of its steps ends on the new release, with everything that was on the board",
  async () => {
    await addTask(stack, "before the upgrade");
    for (const step of FORWARD) await killWhen(step, (found) => found.step === step, "v0.2.0");
    const went = await stack.run(upgrade("v0.2.0"), { timeoutMs: UPGRADE_MS });
    expect(went, `${went.stdout}${went.stderr}`).toMatchObject({ exit: 0, json: { ok: true } });
    await expectWhole("v0.2.0", ["before the upgrade"]);
  },
  TEST_MS,
);

it(
  "one that is killed in each step of going back ends on the release of before, with everything that was on the board",
  async () => {
    await addTask(stack, "before the red release");
    for (const { what, isIt } of BACK) await killWhen(what, isIt, "v0.3.0");
    const went = await stack.run(upgrade("v0.3.0"), { timeoutMs: UPGRADE_MS });
    expect(went, `${went.stdout}${went.stderr}`).toMatchObject({
      exit: 13,
      json: { error: { code: "UPGRADE_ROLLED_BACK" } },
    });
    await expectWhole("v0.2.0", ["before the upgrade", "before the red release"]);
  },
  TEST_MS,
);
