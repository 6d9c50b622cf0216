/** TRAIL-01 over a real board: what a checkpoint covers, and what it does not. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { takeCheckpoint } from "@muster/board/trail/verify-trail";
import type pg from "pg";
import { expect, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { withLaw } from "../../../../test/support/law-fixture.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { ChoreStatus } from "../../drivers/driver.ts";
import { Connections } from "../../stack/connections.ts";
import type { DatabaseRole } from "../../stack/database-roles.ts";
import type { Stack } from "../../stack/stack.ts";
import { ensureInstance } from "../../state/instance.ts";
import { writeCheckpoint } from "../../trail/checkpoints.ts";
import { trailPlaces } from "../../trail/open-trail.ts";
import { runChecks } from "../run-checks.ts";
import { checkpointsTaken } from "./checkpoints.ts";

const law = withLaw();
const MINUTE = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** The fixture's board instead of an instance's own. */
class BoardConnections extends Connections {
  override withClient<T>(_: DatabaseRole, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return work(Object.assign(law.admin, { release: () => undefined }));
  }
}

/** Carried out every minute for an hour. */
const chore: ChoreStatus = {
  id: "checkpoint",
  intervalMs: MINUTE,
  since: ago(60 * MINUTE),
  nextAt: ago(-MINUTE / 2),
  last: { startedAt: ago(MINUTE / 2), ms: 500, failure: null },
};

function stackOf(minutes: string, chores: readonly ChoreStatus[] = [chore]): Stack {
  const folder = temporaryFolder();
  const stack = fixtureStack(folder, { checkpointIntervalMinutes: minutes });
  mkdirSync(stack.paths.root);
  mkdirSync(join(folder, "log"));
  ensureInstance(stack.paths.instance, { driver: "embedded", cliVersion: "0.1.0" });
  const address = () => ({ host: "127.0.0.1", port: 1 });
  return {
    ...stack,
    connections: new BoardConnections(address, stack.secrets),
    driver: { ...stack.driver, chores: async () => chores },
  };
}

async function look(stack: Stack) {
  const check = { ...checkpointsTaken, dependsOn: [] };
  const [result] = await runChecks({ registry: [check], context: stack, signal: new AbortController().signal });
  if (result === undefined) throw new Error("The check did not run.");
  return result;
}

async function takeInto(stack: Stack): Promise<string | null> {
  const { checkpoint, heads } = await takeCheckpoint(law.admin, new Date());
  return writeCheckpoint(trailPlaces(stack), { ...checkpoint, instance: stack.instance().instanceId }, heads);
}

/** Everything that the board knows happened that long ago. Past its triggers, which let nobody change an event. */
async function age(minutes: number): Promise<void> {
  await law.rows("set session_replication_role = replica");
  await law.rows("update os_events set at = at - make_interval(mins => $1)", [minutes]);
  await law.rows("set session_replication_role = origin");
}

test("events that are old and in no checkpoint are a warning with their number; a checkpoint mends it", async () => {
  const stack = stackOf("1");
  await law.addTask();
  expect((await look(stack)).status).toBe("pass");
  await age(4);
  expect(await look(stack)).toMatchObject({
    status: "warn",
    evidence: expect.stringMatching(/^\d+ events are in no checkpoint, .*no checkpoint yet$/),
    expected: "none older than 3 min",
  });
  expect(await takeInto(stack)).not.toBeNull();
  expect(await look(stack)).toMatchObject({ status: "pass", evidence: expect.stringContaining("last checkpoint") });
});

test("what happens after a checkpoint is late again once it is old, and a checkpoint that says the same is not written", async () => {
  const stack = stackOf("1");
  await law.addTask();
  expect(await takeInto(stack)).not.toBeNull();
  expect(await takeInto(stack)).toBeNull();
  await law.addTask();
  await age(4);
  expect(await look(stack)).toMatchObject({ status: "warn", evidence: expect.stringMatching(/^\d+ events? /) });
  expect(await takeInto(stack)).not.toBeNull();
  expect((await look(stack)).status).toBe("pass");
});

test("another instance's checkpoint in the same log covers nothing here", async () => {
  const [stack, other] = [stackOf("1"), stackOf("1")];
  await law.addTask();
  await age(4);
  await takeInto({ ...other, checkout: stack.checkout });
  expect((await look(stack)).status).toBe("warn");
});

test("a run that failed is a warning, whatever is covered", async () => {
  const last = { startedAt: ago(MINUTE), ms: 20, failure: "it ended with code 8" };
  expect(await look(stackOf("1", [{ ...chore, last }]))).toMatchObject({
    status: "warn",
    evidence: expect.stringContaining("it ended with code 8"),
    fix: expect.stringContaining("elk-os logs checkpoint"),
  });
});

test("with an interval of 0 it is skipped, and says why", async () => {
  expect(await look(stackOf("0", []))).toMatchObject({
    status: "skip",
    evidence: expect.stringContaining("ELK_OS_CHECKPOINT_INTERVAL_MINUTES is 0"),
  });
});
