import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { readTaskSnapshot } from "./task-snapshot.ts";

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
});
afterAll(() => reading.stop());
afterEach(() => reading.forget());

const APPEND =
  "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}')";

test("nothing new has the same version, and a change that commits late has another, whichever id it drew", async () => {
  const database = await reading.boardWith(null);
  const quick = await database.connect("postgres");
  for (const isLateIdNewer of [true, false]) {
    const slow = await database.connect("postgres");
    await slow.query("begin");
    await slow.query("select pg_current_xact_id()");
    if (!isLateIdNewer) await slow.query(APPEND);
    await quick.query(APPEND);
    if (isLateIdNewer) await slow.query(APPEND);
    const before = await readTaskSnapshot(null);
    expect(await readTaskSnapshot(before?.version ?? "")).toBeNull();
    await slow.query("commit");
    await slow.end();
    expect(await readTaskSnapshot(before?.version ?? ""), `the late id is newer: ${isLateIdNewer}`).not.toBeNull();
  }
  await quick.end();
});
