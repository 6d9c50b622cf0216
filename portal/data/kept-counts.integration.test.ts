import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { countTasks, readGroups } from "./groups.ts";
import { readInstance } from "./instance.ts";
import { readKept } from "./kept-counts.ts";
import { readSnapshot } from "./snapshot.ts";

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
});
afterAll(() => reading.stop());
afterEach(() => reading.forget());

const ADD = `insert into os_tasks (number, project, title, status, acceptance)
  select $1, id, 'Added', 'ready', '[{"id":"a1","text":"Done."}]' from os_projects where visibility = 'public' limit 1`;

test("what was counted is not counted again while nothing is written, and the clock goes on", async () => {
  await reading.boardWith(HISTORY);
  const first = await readSnapshot(readGroups);
  expect(await readSnapshot(readGroups)).toBe(first);
  const [before, after] = [await readSnapshot(readInstance), await readSnapshot(readInstance)];
  expect(after.server_now.getTime()).toBeGreaterThan(before.server_now.getTime());
});

test("pages that are asked for together have it counted once", async () => {
  await reading.boardWith(HISTORY);
  const [first, ...rest] = await Promise.all([1, 2, 3].map(() => readSnapshot(readGroups)));
  for (const groups of rest) expect(groups).toBe(first);
});

test("a count that is cut off is nobody else's failure, and is not kept", async () => {
  const begun = Promise.withResolvers<readonly number[]>();
  const first = readKept("1:1:", "instance.count", () => begun.promise);
  const second = readKept("1:1:", "instance.count", async () => [2]);
  begun.reject(new Error("cut off"));
  await expect(first).rejects.toThrow("cut off");
  expect(await second).toEqual([2]);
  expect(await readKept("1:1:", "instance.count", async () => [3])).toEqual([3]);
});

test("a write is in the next count, whoever wrote it and however long ago it began", async () => {
  const database = await reading.boardWith(HISTORY);
  const [slow, quick] = [await database.connect("postgres"), await database.connect("postgres")];
  for (const client of [slow, quick]) await client.query("set session_replication_role = replica");
  const known = countTasks(await readSnapshot(readGroups));
  await slow.query("begin");
  await slow.query(ADD, [9_001]);
  expect(countTasks(await readSnapshot(readGroups))).toBe(known);
  await quick.query(ADD, [9_002]);
  expect(countTasks(await readSnapshot(readGroups))).toBe(known + 1);
  await slow.query("commit");
  expect(countTasks(await readSnapshot(readGroups))).toBe(known + 2);
  expect((await readSnapshot(readInstance)).tasks).toBe(known + 2);
  await Promise.all([slow.end(), quick.end()]);
});

test("a page that is read in between by a transaction that began earlier does not see what came later", async () => {
  const database = await reading.boardWith(HISTORY);
  const writer = await database.connect("postgres");
  await writer.query("set session_replication_role = replica");
  const [inside, outside] = await readSnapshot(async (snapshot) => {
    await writer.query(ADD, [9_003]);
    const later = countTasks(await readSnapshot(readGroups));
    return [countTasks(await readGroups(snapshot)), later];
  });
  expect(outside).toBe(inside + 1);
  await writer.end();
});

test("a replay counts for itself", async () => {
  await reading.boardWith(HISTORY);
  const now = countTasks(await readSnapshot(readGroups));
  const before = await readSnapshot(readGroups, { kind: "time", at: new Date(0) });
  expect(countTasks(before)).toBe(0);
  expect(countTasks(await readSnapshot(readGroups))).toBe(now);
});
