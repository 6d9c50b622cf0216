/** The board goes back to a backup on the real stack, and nothing of the lost time is believed afterwards. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { expectGreen, withSuperuser } from "../support/doctor.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const backupAnswer = z.looseObject({ backup: z.looseObject({ id: z.string(), valid: z.boolean(), rows: z.int() }) });
const checkpointAnswer = z.looseObject({ written: z.boolean(), checkpoint: z.looseObject({ at: z.string() }) });
const taskAnswer = z.looseObject({ data: z.looseObject({ id: z.string(), number: z.int(), claim_epoch: z.int() }) });

/** A restore stops the stack, proves a copy of what is there, restores, and starts again: beside another file half of two cores is what it has. */
const RESTORE_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 600_000;

let stack: Stack;
let log: ReadonlyMap<string, Buffer>;
beforeAll(async () => {
  ({ stack } = await sharedStack());
  log = filesOf(join(stack.checkout, "log"));
});

/** Checkpoints and restores are entries in the log of the checkout: it is as it was, and the stack knows of none. */
afterAll(async () => {
  if (log === undefined) return;
  const folder = join(stack.checkout, "log");
  for (const name of filesOf(folder).keys()) if (!log.has(name)) rmSync(join(folder, name));
  for (const [name, bytes] of log) writeFileSync(join(folder, name), bytes);
  for (const name of ["restores", "checkpoints"]) rmSync(join(stack.stateDir, name), { recursive: true, force: true });
  // Where search reads a copy of the checkout, the copy has the entries still.
  await stack.run(["doctor", "--only", "RAG-04", "--fix", "--json"]);
});

function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

const restore = (backup: string) =>
  stack.run(["restore", backup, "--yes", "--json"], { timeoutMs: RESTORE_TIMEOUT_MS });

async function verifyTrail(what: "events" | "receipts") {
  const { exit, json } = await stack.run([what, "verify", "--json"]);
  return { exit, json };
}

/** One request as an agent; answers status and body. */
async function asAgent(name: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${stack.urls.directus}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.secret(`agent-${name}`)}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) as unknown };
}

/** Waits for a checkpoint that says more than the last: it covers a claim once no older transaction runs. Answers its time. */
async function checkpointOfClaim(): Promise<string> {
  let at = "";
  const isWritten = async () => {
    const { json } = await stack.run(["events", "checkpoint", "--json"]);
    const { written, checkpoint } = checkpointAnswer.parse(json);
    at = checkpoint.at;
    return written;
  };
  await expect.poll(isWritten, { timeout: 60_000 }).toBe(true);
  return at;
}

it("saves a board that is in use, puts it back, refuses the claims of the lost time, and tells the log what it lost", {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  expect(await stack.run(["events", "checkpoint", "--json"])).toMatchObject({ exit: 0, json: { written: true } });
  const created = await stack.run(["backup", "create", "--json"]);
  expect(created).toMatchObject({ exit: 0, json: { ok: true } });
  const { backup } = backupAnswer.parse(created.json);
  expect(backup).toMatchObject({ valid: true });

  const [ready] = await withSuperuser(stack, async (client) => {
    const found = await client.query<{ id: string }>(
      "select id from public.os_tasks where status = 'ready' and risk = 'low' order by number limit 1",
    );
    return found.rows;
  });
  const taken = await asAgent("a01", "PATCH", `/items/os_tasks/${ready?.id}`, { claim_session: "lost-time" });
  expect(taken.status, JSON.stringify(taken.body)).toBe(200);
  const claimed = taskAnswer.parse(taken.body).data;

  const lostAt = await checkpointOfClaim();
  expect(await verifyTrail("events")).toMatchObject({ exit: 0, json: { ok: true, lost: 0, restores: 0 } });

  const refused = await stack.run(["restore", backup.id, "--json"]);
  expect(refused).toMatchObject({ exit: 12, json: { error: { code: "DESTRUCTIVE_REFUSED" } } });

  const restored = await restore(backup.id);
  expect(restored, JSON.stringify(restored.json)).toMatchObject({ exit: 0, json: { ok: true, restored: backup.id } });
  await expectGreen(stack);

  const late = await asAgent("a01", "PATCH", `/items/os_tasks/${claimed.id}`, {
    status: "in_review",
    fence: claimed.claim_epoch,
    submitted_commit: "0f1e2d3c4b5a69788796a5b4c3d2e1f001020304",
  });
  expect(late.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(late.body)).toMatch(/MUSTER_/);
  const now = await asAgent("a01", "GET", `/items/os_tasks/${claimed.id}?fields=id,number,status,claim_epoch`);
  expect(now.body).toMatchObject({ data: { status: "ready" } });
  expect(taskAnswer.parse(now.body).data.claim_epoch).toBeGreaterThan(claimed.claim_epoch);

  const whole = await verifyTrail("events");
  expect(whole, JSON.stringify(whole.json)).toMatchObject({
    exit: 0,
    json: { ok: true, restores: 1, lost: 1, lostCheckpoints: [{ at: lostAt, backup: backup.id }] },
  });
  expect(await verifyTrail("receipts")).toMatchObject({ exit: 0, json: { ok: true } });
  const [witness = ""] = readdirSync(join(stack.stateDir, "restores"));
  const path = join(stack.stateDir, "restores", witness);
  renameSync(path, `${path}.away`);
  try {
    const forged = await verifyTrail("events");
    expect(forged).toMatchObject({ exit: 3, json: { ok: false, lost: 0, first: { code: "RESTORE_UNWITNESSED" } } });
  } finally {
    renameSync(`${path}.away`, path);
  }

  const list = await stack.run(["backup", "list", "--json"]);
  expect(list.json).toMatchObject({ backups: [{ valid: true }, { id: backup.id, valid: true }] });
  expect(existsSync(join(stack.stateDir, "backups", backup.id, "manifest.json"))).toBe(true);
});

it("changes nothing when the backup is damaged", { timeout: TEST_TIMEOUT_MS }, async () => {
  const { json } = await stack.run(["backup", "create", "--no-verify", "--json"]);
  const { backup } = backupAnswer.parse(json);
  expect(backup.valid).toBe(false);
  truncateSync(join(stack.stateDir, "backups", backup.id, "tables", "001.copy.gz"), 5);
  const restored = await restore(backup.id);
  expect(restored).toMatchObject({ exit: 11, json: { error: { code: "BACKUP_INVALID" } } });
  await expectGreen(stack);
});
