/** The first start of a real Directus, and what is made of one that was interrupted. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type DrivenInstance, drivenInstance } from "../../../../test/support/embedded/driven-instance.ts";
import { eventually, holdersOf, processesOf } from "../../../../test/support/processes.ts";
import { loadConfig } from "../../config/load.ts";
import { copyClosure, copySources } from "./staging/copy-package.ts";
import { loadLock, productionClosure } from "./staging/lock-closure.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");
const TIMEOUT_MS = 10 * 60_000;
/** Port 9 (discard): nobody listens, so a test sends no telemetry anywhere. */
const SINK = { ELK_OS_TELEMETRY_URL: "http://127.0.0.1:9" };

let checkout: string;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "muster-checkout-"));
  chmodSync(folder, 0o755);
  checkout = join(folder, "checkout");
  const sources = ["package.json", "package-lock.json", "board", "cli", "profiles", "test/support/embedded"];
  copySources(CHECKOUT, checkout, [...sources, "directus/runtime", "directus/extension/dist"]);
  copyClosure(CHECKOUT, checkout, productionClosure(loadLock(join(CHECKOUT, "package-lock.json")), "cli"));
  return () => rmSync(folder, { recursive: true, force: true });
});

function instanceWithDirectus(): Promise<DrivenInstance> {
  // The installed runtime is shared with every other test of this machine.
  return drivenInstance({ checkout, cache: loadConfig({ checkout: CHECKOUT }).value.cacheDir });
}

async function isAdministrator(instance: DrivenInstance): Promise<boolean> {
  const token = readFileSync(join(instance.state, "secrets", "directus_admin_token"), "utf8");
  const response = await fetch(`http://127.0.0.1:${instance.ports[1]}/users/me?fields=role.admin_access`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return response.ok;
}

test("an installation that ended without its administrator is made again from the start", {
  timeout: TIMEOUT_MS,
}, async () => {
  const instance = await instanceWithDirectus();
  // Directus refuses this address only after it has made its tables, and would call the rest installed.
  instance.settings = { ...SINK, ELK_OS_ADMIN_EMAIL: "operator@muster.invalid" };
  const failure = await instance.refused("up", "postgres", "directus");
  expect(failure.code).toBe("SERVICE_FAILED");
  expect(failure.message).toContain("Directus refuses operator@muster.invalid as the administrator's address");

  instance.settings = { ...SINK, ELK_OS_ADMIN_EMAIL: "operator@example.com" };
  const first = await instance.drive("up", "postgres", "directus");
  expect(first.progress).toContain("clearing away an interrupted Directus installation");
  expect(await isAdministrator(instance)).toBe(true);
  expect(readdirSync(join(instance.state, "run", "directus")).filter((name) => name.startsWith("admin."))).toEqual([]);

  const second = await instance.drive("up", "postgres", "directus");
  expect(second.changed).toEqual({ postgres: false, directus: false });
  await instance.drive("down");
  expect(processesOf(instance.root)).toEqual([]);
  expect(holdersOf(instance.ports)).toEqual([]);
});

test("a bootstrap that is killed in the middle is taken up by the next up", { timeout: TIMEOUT_MS }, async () => {
  const instance = await instanceWithDirectus();
  instance.settings = SINK;
  await instance.drive("up", "postgres");
  const interrupted = instance.refused("up", "postgres", "directus");
  const bootstrap = await eventually(
    "bootstrap runs",
    () => processesOf(instance.root).find(({ argv }) => argv.at(-1) === "bootstrap"),
    TIMEOUT_MS / 2,
  );
  // In the middle: one table of its own is there, and most are not.
  await eventually("it has begun to make tables", () => hasLoggedIn(instance), 60_000);
  process.kill(bootstrap.pid, "SIGKILL");
  expect((await interrupted).code).toBe("INSTALL_FAILED");

  await instance.drive("up", "postgres", "directus");
  expect(await isAdministrator(instance)).toBe(true);
  await instance.drive("down");
});

test("tables of an earlier Directus, as a restore brings them, get its migrations although this runtime has run them before", {
  timeout: TIMEOUT_MS,
}, async () => {
  const newest = "select max(version) as newest from directus_migrations";
  const instance = await instanceWithDirectus();
  instance.settings = SINK;
  await instance.drive("up", "postgres", "directus");
  const before = await instance.query(newest);
  // The newest one only edits a setting, and may be run twice.
  await instance.query(
    "delete from directus_migrations where version = (select max(version) from directus_migrations)",
  );
  await instance.drive("down");
  const again = await instance.drive("up", "postgres", "directus");
  expect(again.progress).toContain("updating Directus's tables");
  expect(await instance.query(newest)).toEqual(before);
  await instance.drive("down");
});

test("a database whose board belongs to another administrator token is left as it is", {
  timeout: TIMEOUT_MS,
}, async () => {
  const instance = await instanceWithDirectus();
  instance.settings = SINK;
  await instance.drive("up", "postgres", "directus");
  await instance.query("create schema muster");
  await instance.drive("down");
  writeFileSync(join(instance.state, "secrets", "directus_admin_token"), "0".repeat(64));
  const refusal = await instance.refused("up", "postgres", "directus");
  expect(refusal.code).toBe("SERVICE_FAILED");
  expect(refusal.message).toContain("nothing was dropped");
  await instance.drive("down");
});

/** Directus's first connection comes a moment before its first table. */
async function hasLoggedIn(instance: DrivenInstance): Promise<boolean> {
  const row = await instance.query("select to_regclass('public.directus_collections') is not null as begun");
  return row?.["begun"] === true;
}
