import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint } from "@muster/board/trail/checkpoint";
import type { Restore } from "@muster/board/trail/restore-record";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { appendLog } from "../memory/append-log.ts";
import { writeCheckpoint } from "./checkpoints.ts";
import { findLastMoment, listMoments, type TrailPlaces } from "./list-moments.ts";
import { writeWitness } from "./restore-witness.ts";

const INSTANCE = "11111111-1111-4111-8111-111111111111";

const board: Checkpoint = {
  muster_checkpoint: 1,
  instance: INSTANCE,
  incarnation: 2,
  at: "2026-11-22T12:00:00.000Z",
  below_xid: "900",
  last_id: "7",
  events: 7,
  chains: 2,
  entities: { os_tasks: { chains: 2, events: 7, digest: "d".repeat(64) } },
  receipts: { count: 0, head: null },
  heads: "a".repeat(64),
};
const restore: Restore = {
  muster_restore: 1,
  at: board.at,
  instance: INSTANCE,
  backup: {
    id: "20261122T090000Z",
    instance: INSTANCE,
    incarnation: 1,
    created_at: "2026-11-22T09:00:00.000Z",
    below_xid: "500",
  },
  incarnation: { before: 1, after: 2 },
  kept: "muster_before_20261122t120000z",
  board,
  lost: [],
};

function places(): TrailPlaces {
  const state = temporaryFolder();
  return { log: temporaryFolder(), heads: join(state, "checkpoints"), restores: join(state, "restores") };
}

function announce(place: TrailPlaces): void {
  const { lost: _, ...facts } = restore;
  writeWitness(place.restores, { facts, database: "17000" });
}

const tell = ({ log }: TrailPlaces, record: Restore = restore) =>
  appendLog(log, { title: "Restored", body: JSON.stringify(record) });
const faults = (place: TrailPlaces) => listMoments(place).map(({ restored }) => restored?.fault);

it("believes a restore that the state folder bears witness to, whatever it says is lost", async () => {
  const place = places();
  announce(place);
  await tell(place, { ...restore, lost: [{ at: "2026-11-22T11:00:00.000Z", heads: "b".repeat(64) }] });
  expect(faults(place)).toEqual([null]);
  expect(findLastMoment(place, INSTANCE)?.checkpoint).toEqual(board);
});

it.each<[string, Partial<Restore>]>([
  ["none at all", {}],
  ["another backup", { backup: { ...restore.backup, id: "20261122T080000Z" } }],
  ["another board", { board: { ...board, heads: "c".repeat(64) } }],
])(
  "does not believe one with a witness to %s, nor takes its board for what the log last says",
  async (what, change) => {
    const place = places();
    if (what !== "none at all") announce(place);
    await tell(place, { ...restore, ...change });
    expect(faults(place)).toEqual(["RESTORE_UNWITNESSED"]);
    expect(findLastMoment(place, INSTANCE)).toBeNull();
  },
);

it("does not believe one that the chain does not reach, or whose chain is broken", async () => {
  const place = places();
  announce(place);
  const { path } = await appendLog(place.log, { title: "First", body: "" });
  const day = join(place.log, path.slice("log/".length));
  appendFileSync(day, `\n${JSON.stringify(restore)}\n`);
  expect(faults(place)).toEqual(["RESTORE_UNCHAINED"]);
  await appendLog(place.log, { title: "Second", body: "The chain takes up what it finds." });
  expect(faults(place)).toEqual([null]);
  writeFileSync(day, readFileSync(day, "utf8").replace("First", "Fist!"));
  expect(faults(place)).toEqual(["RESTORE_UNCHAINED"]);
});

it("takes a restored board for a checkpoint: the same is not written again, and none of the replaced board either", async () => {
  const place = places();
  announce(place);
  await tell(place);
  expect(await writeCheckpoint(place, { ...board, at: "2026-11-22T13:00:00.000Z" }, {})).toBeNull();
  const replaced = { ...board, incarnation: 1, heads: "e".repeat(64) };
  await expect(writeCheckpoint(place, replaced, {})).rejects.toMatchObject({ code: "BOARD_UNREACHABLE" });
  expect(await writeCheckpoint(place, { ...board, heads: "f".repeat(64) }, {})).not.toBeNull();
});
