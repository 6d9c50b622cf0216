/**
 * A plain user with a clone of its own, who goes from one release to the next: planned, killed, gone on with; and back again, with the data,
 * when the new one is not green.
 */
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { findProcess } from "../../cli/src/host/process-table.ts";
import { currentIdentity, isRoot } from "../../cli/src/host/users.ts";
import { upAnswer } from "../support/answers.ts";
import { expectGreen, newestMigration, pidsOf, withSuperuser } from "../support/doctor.ts";
import { linkCache } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import { makeReleasedCheckout, type ReleasedCheckout, releasePairs } from "../support/released-checkout.ts";
import { CHECKOUT, type Ran, raiseStack, type Stack } from "../support/stack.ts";
import { addTask, countTasks } from "../support/titled-tasks.ts";

/** uid and gid of `nobody` on Debian and its relatives: an ordinary user with nothing of its own. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const OWNER = isRoot() ? NOBODY : currentIdentity();
const UPGRADE_TIMEOUT_MS = 600_000;
/** Two upgrades, one of which is killed. */
const TEST_TIMEOUT_MS = 2 * UPGRADE_TIMEOUT_MS;
const SERVICES = ["postgres", "directus", "rag", "portal"];

const recorded = z.looseObject({
  step: z.string(),
  undo: z.object({ kept: z.string(), lostEvents: z.int() }).nullable(),
});

let folder: string;
let checkout: ReleasedCheckout;
let stack: Stack;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-release-"));
  chmodSync(folder, 0o711);
  checkout = makeReleasedCheckout(join(folder, "checkout"), OWNER);
  releasePairs(checkout, 2);
  const cache = linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache"));
  chownSync(cache.path, OWNER.uid, OWNER.gid);
  ({ stack } = await raiseStack({
    checkout: checkout.folder,
    stateDir: join(checkout.folder, ".elk-os"),
    cacheDir: cache.path,
    runAs: isRoot() ? OWNER : null,
  }));
});
afterAll(async () => {
  await stack?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function record() {
  const path = join(stack.stateDir, "upgrade.json");
  return existsSync(path) ? recorded.parse(JSON.parse(readFileSync(path, "utf8"))) : null;
}

const headIs = (tag: string) =>
  expect(checkout.git("rev-parse", "HEAD")).toBe(checkout.git("rev-parse", `${tag}^{commit}`));

/** Starts the upgrade and kills it, as a power cut would, at that moment; what it had begun ends by itself. */
async function killWhen(what: string, isIt: () => boolean, ref: string): Promise<Ran> {
  const { child, ended } = stack.start(["upgrade", ref, "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
  await eventually(what, () => isIt() || child.exitCode !== null, UPGRADE_TIMEOUT_MS);
  child.kill("SIGKILL");
  const ran = await ended;
  expect(ran.signal, `${ran.stdout}${ran.stderr}`).toBe("SIGKILL");
  return ran;
}

/** Pid of the Postgres on which a backup is tried, once it is ready; null when there is none. initdb has one for a moment that never is. */
function scratchServer(): number | null {
  const folder = readdirSync(stack.stateDir).find((name) => name.startsWith("scratch-"));
  const file = join(stack.stateDir, folder ?? "", "data", "postmaster.pid");
  const text = folder !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^ready *$/m.test(text) ? Number.parseInt(text, 10) : null;
}

it("gets to green with everything below the checkout, and its services run as that user", async () => {
  const doctor = await stack.run(["doctor", "--strict", "--json"]);
  expect(doctor, doctor.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  const again = await stack.run(["up", "--json"]);
  expect(upAnswer.parse(again.json)).toMatchObject({ ok: true, changed: 0 });
  const owners = (await pidsOf(stack, SERVICES)).map((pid) => findProcess(pid)?.uid);
  expect(owners).toEqual(SERVICES.map(() => OWNER.uid));
});

it("is told what an upgrade would do, and refused what cannot be reached", async () => {
  expect(await stack.run(["upgrade", "v0.2.0", "--dry-run", "--json"])).toMatchObject({
    exit: 9,
    json: {
      pending: true,
      from: { version: "0.1.0", ref: "main" },
      to: { version: "0.2.0" },
      migrations: ["9000-say-so.sql"],
      restarts: ["directus", "rag", "portal"],
      changesPackages: false,
    },
  });
  const refused = { exit: 5, json: { error: { code: "UPGRADE_REFUSED" } } };
  expect(await stack.run(["upgrade", "v9", "--json"])).toMatchObject(refused);
  expect(await stack.run(["rollback", "--yes", "--json"])).toMatchObject(refused);
  expect(record()).toBeNull();
});

it(
  "goes on where it was killed, and ends green on the new release with everything that was on the board",
  async () => {
    await addTask(stack, "before the upgrade");
    const killed = await killWhen("a backup is tried", () => scratchServer() !== null, "v0.2.0");
    expect(killed.stderr, "what the release runs was there").toContain("everything is there");
    expect(record()?.step).toBe("backup");
    headIs("base");
    const left = scratchServer() ?? 0;
    expect(findProcess(left)?.argv[0], "the kill left it running").toMatch(/postgres$/);
    const went = await stack.run(["upgrade", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
    expect(went, `${went.stdout}${went.stderr}`).toMatchObject({
      exit: 0,
      json: { ok: true, to: { version: "0.2.0" }, downtimeSeconds: { directus: expect.any(Number) } },
    });
    for (const { stderr } of [killed, went]) expect(stderr, "packages were adopted").not.toMatch(/^packages /m);
    expect([findProcess(left), scratchServer()]).toEqual([null, null]);
    headIs("v0.2.0");
    expect(await newestMigration(stack)).toBe(9000);
    expect(await countTasks(stack, "before the upgrade")).toBe(1);
    expect(await stack.run(["rollback", "--json"])).toMatchObject({
      exit: 12,
      json: { error: { facts: { restores: true, lostEvents: expect.any(Number) } } },
    });
    expect(existsSync(join(stack.stateDir, "release"))).toBe(false);
  },
  TEST_TIMEOUT_MS,
);

it(
  "goes back from a release that does not get green: its schema, its code, and nothing else but what the log tells",
  async () => {
    await addTask(stack, "before the red release");
    await killWhen("the switch", () => record()?.step === "switch", "v0.3.0");
    // A board in use, of which this is the last that is known.
    await addTask(stack, "after the backup");
    expect(await stack.run(["events", "checkpoint", "--json"])).toMatchObject({ exit: 0 });
    const went = await stack.run(["upgrade", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
    expect(went, `${went.stdout}${went.stderr}`).toMatchObject({
      exit: 13,
      json: { error: { code: "UPGRADE_ROLLED_BACK" } },
    });
    const undone = record();
    expect(undone).toMatchObject({ step: "rolled-back", undo: { lostEvents: expect.any(Number) } });
    expect(undone?.undo?.lostEvents).toBeGreaterThan(0);
    headIs("v0.2.0");
    expect(await newestMigration(stack)).toBe(9000);
    expect(
      await Promise.all(["before the red release", "after the backup"].map((title) => countTasks(stack, title))),
    ).toEqual([1, 0]);
    const kept = await withSuperuser(stack, async (client) => {
      const query = "select datname, datallowconn from pg_database where datname like 'muster_before_%'";
      return (await client.query<{ datname: string; datallowconn: boolean }>(query)).rows;
    });
    expect(kept).toEqual([{ datname: undone?.undo?.kept, datallowconn: false }]);
    const verified = await stack.run(["events", "verify", "--json"]);
    expect(verified, verified.stdout).toMatchObject({ exit: 0, json: { ok: true, restores: 1, lost: 1 } });
    expect(checkout.git("status", "--porcelain", "--untracked-files=no", "--", ":!log")).toBe("");
    await expectGreen(stack);
  },
  TEST_TIMEOUT_MS,
);

it(
  "goes back when it is told to: what was written on the new release stays in the closed database, and it can be gone to again",
  async () => {
    const [head, migration] = [checkout.git("rev-parse", "HEAD"), await newestMigration(stack)];
    await addTask(stack, "before the fourth release");
    const went = await stack.run(["upgrade", "v0.4.0", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
    expect(went, `${went.stdout}${went.stderr}`).toMatchObject({ exit: 0, json: { to: { version: "0.4.0" } } });
    expect(await newestMigration(stack)).toBe(9100);
    await addTask(stack, "on the fourth release");

    const back = await stack.run(["rollback", "--yes", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
    expect(back, `${back.stdout}${back.stderr}`).toMatchObject({ exit: 0, json: { ok: true, changed: 1 } });
    expect([checkout.git("rev-parse", "HEAD"), await newestMigration(stack)]).toEqual([head, migration]);
    const titles = ["before the fourth release", "on the fourth release"];
    expect(await Promise.all(titles.map((title) => countTasks(stack, title)))).toEqual([1, 0]);
    const undone = record();
    expect(undone).toMatchObject({ step: "rolled-back" });
    expect(undone?.undo?.lostEvents).toBeGreaterThan(0);
    const closed = await withSuperuser(stack, async (client) => {
      const query = "select datallowconn from pg_database where datname = $1";
      return (await client.query<{ datallowconn: boolean }>(query, [undone?.undo?.kept])).rows;
    });
    expect(closed).toEqual([{ datallowconn: false }]);
    await expectGreen(stack);
    expect(await stack.run(["rollback", "--yes", "--json"]), "once is enough").toMatchObject({
      exit: 5,
      json: { error: { code: "UPGRADE_REFUSED" } },
    });
    expect(await stack.run(["upgrade", "v0.4.0", "--dry-run", "--json"])).toMatchObject({
      exit: 9,
      json: { to: { version: "0.4.0" }, migrations: expect.arrayContaining(["9100-say-so.sql"]) },
    });
  },
  TEST_TIMEOUT_MS,
);
