import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint, Heads } from "@muster/board/trail/checkpoint";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { verifyLog } from "../memory/verify-log.ts";
import { HEADS_KEPT, readCheckpoints, writeCheckpoint } from "./checkpoints.ts";
import type { TrailPlaces } from "./list-moments.ts";

const checkpoint: Checkpoint = {
  muster_checkpoint: 1,
  instance: "11111111-1111-4111-8111-111111111111",
  incarnation: 1,
  at: "2026-11-22T12:00:00.000Z",
  below_xid: "900",
  last_id: "7",
  events: 7,
  chains: 2,
  entities: { os_tasks: { chains: 2, events: 7, digest: "d".repeat(64) } },
  receipts: { count: 0, head: null },
  heads: "a".repeat(64),
};
const heads: Heads = { os_tasks: { "22222222-2222-4222-8222-222222222222": [4, "b".repeat(64)] } };
function places(): TrailPlaces {
  const state = temporaryFolder();
  return { log: temporaryFolder(), heads: join(state, "checkpoints"), restores: join(state, "restores") };
}

it("writes a checkpoint into the log's chain and reads it back with its heads", async () => {
  const place = places();
  const file = await writeCheckpoint(place, checkpoint, heads);
  expect(file).toMatch(/^log\/\d{4}-\d{2}-\d{2}\.md$/);
  expect(readCheckpoints(place)).toEqual([{ checkpoint, heads }]);
  expect(verifyLog(place.log).problems).toEqual([]);
});

it("writes nothing when the last checkpoint of the instance says the same", async () => {
  const place = places();
  await writeCheckpoint(place, checkpoint, heads);
  await writeCheckpoint(place, { ...checkpoint, instance: "another" }, heads);
  expect(await writeCheckpoint(place, { ...checkpoint, at: "2026-11-22T13:00:00.000Z" }, heads)).toBeNull();
  const later = { ...checkpoint, receipts: { count: 1, head: "c".repeat(64) } };
  expect(await writeCheckpoint(place, later, heads)).not.toBeNull();
  expect(readCheckpoints(place)).toHaveLength(3);
});

it("still knows the digest when the state folder lost the heads", async () => {
  const place = places();
  await writeCheckpoint(place, checkpoint, heads);
  rmSync(place.heads, { recursive: true });
  expect(readCheckpoints(place)).toEqual([{ checkpoint, heads: null }]);
});

it("keeps the heads of the newest checkpoints only, and every checkpoint", async () => {
  const place = places();
  const written = Array.from({ length: HEADS_KEPT + 2 }, (_, at) => at.toString(16).padStart(64, "0"));
  for (const digest of written) await writeCheckpoint(place, { ...checkpoint, heads: digest }, heads);
  const known = readCheckpoints(place);
  expect(known.map((one) => one.checkpoint.heads)).toEqual(written);
  expect(known.map((one) => one.heads !== null)).toEqual(written.map((_, at) => at >= 2));
  expect(readdirSync(place.heads)).toHaveLength(HEADS_KEPT);
});

it("leaves an edited checkpoint to the log's own chain, which names it", async () => {
  const place = places();
  const file = join(place.log, ((await writeCheckpoint(place, checkpoint, heads)) ?? "").slice("log/".length));
  writeFileSync(file, readFileSync(file, "utf8").replace('"events":7', '"events":6'));
  expect(verifyLog(place.log).problems).toMatchObject([{ kind: "edited" }]);
});
