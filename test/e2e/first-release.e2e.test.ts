/** The board that the first release made is put into a fresh instance of this release, and agents go on with it. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { upAnswer } from "../support/answers.ts";
import { expectGreen, withSuperuser } from "../support/doctor.ts";
import { unpackFirstRelease } from "../support/first-release.ts";
import { linkCache } from "../support/linked-cache.ts";
import { makeReleasedCheckout } from "../support/released-checkout.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";

const RESTORE_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 600_000;
/** Of the fixture: 65 tasks of the seed, 11 that agents worked on. */
const TASKS = 76;
const COMMIT = "0f1e2d3c4b5a69788796a5b4c3d2e1f001020304";

const tasks = z.looseObject({
  data: z.tuple([z.looseObject({ id: z.string(), number: z.int(), status: z.string(), claim_epoch: z.int() })]),
});

let folder: string;
let stack: Stack;
let backup: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-first-"));
  chmodSync(folder, 0o711);
  // A restore is told to the log of the checkout that it runs from.
  const { folder: checkout } = makeReleasedCheckout(join(folder, "checkout"), currentIdentity());
  const cache = linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache"));
  ({ stack } = await raiseStack({ checkout, stateDir: join(folder, "state"), cacheDir: cache.path }));
  backup = unpackFirstRelease(join(stack.stateDir, "backups")).id;
});
afterAll(async () => {
  await stack?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function asAgent(name: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${stack.urls.directus}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.secret(`agent-${name}`)}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) as unknown };
}

async function taskOf(title: string) {
  const query = new URLSearchParams({ "filter[title][_eq]": title, fields: "id,number,status,claim_epoch" });
  const { body } = await asAgent("a01", "GET", `/items/os_tasks?${query}`);
  return tasks.parse(body).data[0];
}

it("is refused as another instance's, and then takes the board's place and is green", {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const refused = await stack.run(["restore", backup, "--yes", "--json"]);
  expect(refused).toMatchObject({ exit: 12, json: { error: { code: "DESTRUCTIVE_REFUSED" } } });
  const restored = await stack.run(["restore", backup, "--yes", "--allow-foreign", "--json"], {
    timeoutMs: RESTORE_TIMEOUT_MS,
  });
  expect(restored, `${restored.stdout}${restored.stderr}`).toMatchObject({
    exit: 0,
    json: { ok: true, restored: backup },
  });
  await expectGreen(stack);
  const again = await stack.run(["up", "--json"]);
  expect(upAnswer.parse(again.json)).toMatchObject({ ok: true, changed: 0 });
  for (const what of ["events", "receipts"]) {
    const verified = await stack.run([what, "verify", "--json"]);
    expect(verified, verified.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  }
});

it("has every task, ends the claims of then, and refuses their fences", async () => {
  const counted = await withSuperuser(stack, async (client) => {
    const query = `select (select count(*)::int from os_tasks) as tasks, (select count(*)::int from muster.leases) as leases,
      (select count(*)::int from os_claims where ended_at is null) as open`;
    return (await client.query<{ tasks: number; leases: number; open: number }>(query)).rows[0];
  });
  expect(counted).toEqual({ tasks: TASKS, leases: 0, open: 0 });
  const held = await taskOf("Failed once, held again");
  expect(held).toMatchObject({ status: "ready" });
  const late = await asAgent("a04", "PATCH", `/items/os_tasks/${held.id}`, {
    status: "in_review",
    fence: 3,
    submitted_commit: COMMIT,
  });
  expect(late.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(late.body)).toMatch(/MUSTER_/);
  const page = await fetch(`${stack.urls.portal}/tasks/${held.number}`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("On it; the second case first.");
});

it("is worked on by agents with the tokens of this instance", async () => {
  const held = await taskOf("Failed once, held again");
  const path = `/items/os_tasks/${held.id}`;
  const taken = await asAgent("a04", "PATCH", path, { claim_session: "today" });
  expect(taken, JSON.stringify(taken.body)).toMatchObject({ status: 200, body: { data: { status: "in_progress" } } });
  const { claim_epoch: fence } = await taskOf("Failed once, held again");
  const done = await asAgent("a04", "PATCH", path, { status: "in_review", fence, submitted_commit: COMMIT });
  expect(done, JSON.stringify(done.body)).toMatchObject({ status: 200, body: { data: { status: "in_review" } } });
  await asAgent("a09", "PATCH", path, { claim_session: "review" });
  const { claim_epoch: review } = await taskOf("Failed once, held again");
  const verdict = { status: "done", fence: review, evidence: "Ran it: 12 passed." };
  const passed = await asAgent("a09", "PATCH", path, verdict);
  expect(passed, JSON.stringify(passed.body)).toMatchObject({ status: 200, body: { data: { status: "done" } } });
  expect(await stack.run(["events", "verify", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
});
