/** What `idle` looks at, on a real board. */
import { mkdirSync } from "node:fs";
import type pg from "pg";
import { expect, test } from "vitest";
import { fixtureStack } from "../../../test/support/fixture-stack.ts";
import { claim, submit, withLaw } from "../../../test/support/law-fixture.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { ServiceStatus } from "../drivers/driver.ts";
import { Connections } from "../stack/connections.ts";
import type { DatabaseRole } from "../stack/database-roles.ts";
import type { Stack } from "../stack/stack.ts";
import { withLock } from "../state/lock.ts";
import { reasonsToStay } from "./judge-idle.ts";
import { readActivity } from "./read-activity.ts";

const law = withLaw();
const HOUR = 3_600_000;

/** The fixture's board instead of an instance's own. */
class BoardConnections extends Connections {
  override withClient<T>(_: DatabaseRole, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return work(Object.assign(law.admin, { release: () => undefined }));
  }
}

const runningFor = (service: ServiceStatus["service"], ms: number): ServiceStatus => ({
  service,
  state: "running",
  pid: 1,
  startTicks: 1,
  startedAt: new Date(Date.now() - ms).toISOString(),
  restarts: 0,
  host: "127.0.0.1",
  port: 1,
  holderPid: 1,
  networkPid: null,
  rssBytes: null,
  reason: null,
});

/** Postgres runs for two hours; search was started again a moment ago. */
function stackOf(services = [runningFor("postgres", 2 * HOUR), runningFor("rag", 0)]): Stack {
  const stack = fixtureStack(temporaryFolder());
  mkdirSync(stack.paths.root);
  const address = () => ({ host: "127.0.0.1", port: 1 });
  return {
    ...stack,
    connections: new BoardConnections(address, stack.secrets),
    driver: { ...stack.driver, status: async () => services },
  };
}

const reasonsOf = async (stack: Stack) => reasonsToStay(await readActivity(stack), 30);

/** Every event is that much older. Past its triggers, which let nobody change one. */
async function age(minutes: number): Promise<void> {
  await law.rows("set session_replication_role = replica");
  await law.rows("update os_events set at = at - make_interval(mins => $1)", [minutes]);
  await law.rows("set session_replication_role = origin");
}

test("a claim keeps the board in use until its lease ends or runs out, and each write for the time that is asked for", async () => {
  const stack = stackOf();
  const { id } = await law.addTask();
  expect(await reasonsOf(stack)).toEqual([expect.stringContaining("the board was written 0 minutes ago")]);
  await age(31);
  expect(await reasonsOf(stack)).toEqual([]);

  await law.patch(law.agents.a1, id, claim());
  await age(31);
  expect(await reasonsOf(stack)).toEqual(["1 task is claimed and the lease runs"]);
  await law.expire(id, 1);
  expect(await reasonsOf(stack)).toEqual([]);
});

test("submitted work that waits for a reviewer is held by nobody", async () => {
  const { id } = await law.addTask();
  await law.patch(law.agents.a1, id, claim());
  await law.patch(law.agents.a1, id, submit);
  await age(31);
  expect(await reasonsOf(stackOf())).toEqual([]);
});

test("another command at work keeps it in use, and only as long as it is", async () => {
  const stack = stackOf();
  await age(31);
  const during = await withLock({ path: stack.paths.lock, command: "backup create" }, () => reasonsOf(stack));
  expect(during).toEqual(["`elk-os backup create` is at work"]);
  expect(await reasonsOf(stack)).toEqual([]);
});

test("where nothing runs nobody can say", async () => {
  await expect(readActivity(stackOf([]))).rejects.toMatchObject({ code: "BOARD_UNREACHABLE" });
  const stopped = { ...runningFor("postgres", HOUR), pid: null, startedAt: null, state: "stopped" } as const;
  await expect(readActivity(stackOf([stopped]))).rejects.toMatchObject({ code: "BOARD_UNREACHABLE" });
});
