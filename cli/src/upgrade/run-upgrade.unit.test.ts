/**
 * An upgrade on a world of plain values. The run is killed between any two of its acts and in the middle of each, as often as it likes; what a later
 * run makes of it, forwards or back, must be what a run makes that nobody disturbed.
 */
import { describe, expect, it } from "vitest";
import { NEW, OLD, RECORD, type Release, SCHEMA, World } from "../../../test/support/upgrade-world.ts";
import { EXIT } from "../errors/catalog.ts";
import { isUnfinished } from "./record.ts";
import { runUpgrade, switchBack } from "./run-upgrade.ts";

/** How it must end, whatever happened on the way. */
const ENDS: readonly { readonly name: string; readonly release: Release; readonly exit: number }[] = [
  { name: "a green release that keeps the schema", release: { changesSchema: false, up: EXIT.ok }, exit: EXIT.ok },
  { name: "a green release with a new schema", release: { changesSchema: true, up: EXIT.ok }, exit: EXIT.ok },
  {
    name: "a red release that keeps the schema",
    release: { changesSchema: false, up: EXIT.doctorRed },
    exit: EXIT.rolledBack,
  },
  {
    name: "a red release with a new schema",
    release: { changesSchema: true, up: EXIT.phaseFailed },
    exit: EXIT.rolledBack,
  },
];

function expectNothingLost(world: World, about: string): void {
  expect(world.allEvents, about).toEqual(world.written);
  expect(world.board.events, about).toContain("before");
  // A database that was replaced can be found again by what is recorded, and so can the number of what is in it alone.
  const { undo, before } = world.record ?? {};
  const { kept } = world;
  expect(kept, about).toEqual(kept.length === 0 ? [] : [undo?.kept]);
  expect(world.isTold, about).toBe(kept.length > 0);
  const [events] = kept.map((name) => world.databases[name]?.events ?? []);
  if (events !== undefined) expect(undo?.lostEvents, about).toBe(events.length - Number(before?.event));
}

function expectEnd(world: World, end: "new" | "old", about: string): void {
  const isNew = end === "new";
  expect(world.record?.step, about).toBe(isNew ? "done" : "rolled-back");
  const found = { head: world.head, ref: world.ref, runs: world.runs, isMixed: world.isMixed };
  const wanted = isNew
    ? { head: NEW.commit, ref: NEW.commit, runs: NEW.version }
    : { head: OLD.commit, ref: "main", runs: OLD.version };
  expect(found, about).toEqual({ ...wanted, isMixed: false });
  expect(world.board.schema, about).toBe(isNew && world.release.changesSchema ? "new" : "old");
  expect(world.isUnpacked, about).toBe(false);
  expectNothingLost(world, about);
}

async function undisturbed(release: Release): Promise<World> {
  const world = new World(release);
  await world.upgrade();
  return world;
}

describe.each(ENDS)("$name", ({ release, exit }) => {
  const end = exit === EXIT.ok ? "new" : "old";

  it("ends as it must when nobody disturbs it", async () => {
    const world = new World(release);
    expect(await world.upgrade()).toBe(exit);
    expectEnd(world, end, "undisturbed");
    expect(world.backups).toHaveLength(1);
  });

  it("ends so, too, after a kill at each of the things that happen", async () => {
    const { happened } = await undisturbed(release);
    expect(happened).toBeGreaterThan(8);
    for (let kill = 0; kill < happened; kill++) {
      const world = new World(release);
      expect(await world.killedAfter(kill, "upgrade"), `kill ${kill}`).toBeNull();
      expect(world.allEvents, `kill ${kill}`).toEqual(world.written);
      await world.upgrade();
      expectEnd(world, end, `kill ${kill}`);
    }
  });

  it("gets there however often it is killed, as long as each run gets one thing further than the last", async () => {
    const world = new World(release);
    let kills = 0;
    while ((await world.killedAfter(kills + 1, "upgrade")) === null) {
      kills += 1;
      expect(kills).toBeLessThan(50);
    }
    expect(kills).toBeGreaterThan(2);
    expectEnd(world, end, "killed again and again");
  });

  it("is undone from wherever it was killed, also when undoing is killed at each of the things that happen", async () => {
    const { happened } = await undisturbed(release);
    let undoings = 0;
    // The first kill is before there is a record: nothing to undo.
    for (let kill = 1; kill <= happened; kill++) {
      for (let second = 0; ; second++) {
        const world = new World(release);
        await world.killedAfter(kill, "upgrade");
        if (world.record?.step === "rolled-back") break;
        const about = `kill ${kill}, then ${second} in undoing`;
        const answer = await world.killedAfter(second, "rollback");
        if (answer === null) expect(await world.rollback(), about).toBe(EXIT.ok);
        else expect(answer, about).toBe(EXIT.ok);
        expectEnd(world, "old", about);
        undoings += 1;
        if (answer !== null) break;
      }
    }
    expect(undoings).toBeGreaterThan(2 * happened);
  });

  it("loses nothing on a disk that is full at each of the things that happen, and ends once there is room", async () => {
    const { happened } = await undisturbed(release);
    for (let full = 1; full <= happened; full++) {
      const world = new World(release);
      world.fullAt = full;
      const answer = await world.upgrade();
      const about = `full ${full}, exit ${answer}`;
      expect(world.allEvents, about).toEqual(world.written);
      world.fullAt = Number.POSITIVE_INFINITY;
      if (world.record === null || isUnfinished(world.record)) await world.upgrade();
      // A release whose `up` met the full disk is not green, and is gone back from.
      const wentBack = world.record?.why?.startsWith("elk-os up of 0.2.0 ended with") === true;
      expectEnd(world, wentBack ? "old" : "new", about);
      if (end === "old") expect(wentBack, about).toBe(true);
    }
  });
});

describe("an upgrade", () => {
  it("keeps what was written since the backup on the board when the schema did not change", async () => {
    const world = await undisturbed({ changesSchema: false, up: EXIT.doctorRed });
    expect(new Set(world.board.events)).toEqual(world.written);
    expect(world.kept).toEqual([]);
  });

  it("keeps it in the replaced database when it did, and counts it", async () => {
    const world = await undisturbed({ changesSchema: true, up: EXIT.doctorRed });
    const { undo } = world.record ?? {};
    const replaced = world.databases[undo?.kept ?? ""]?.events ?? [];
    const lost = replaced.filter((event) => !world.board.events.includes(event));
    expect(lost.length).toBeGreaterThan(0);
    expect(undo?.lostEvents).toBeGreaterThanOrEqual(lost.length);
  });

  it("goes back to the commit when the branch names another one by now", async () => {
    const world = new World({ changesSchema: false, up: EXIT.ok });
    world.head = NEW.commit;
    await switchBack(RECORD, { ...world.upgradeActs(), find: async () => NEW.commit });
    expect(world.ref).toBe(OLD.commit);
  });

  it.each([EXIT.lockHeld, EXIT.interrupted, EXIT.terminated])(
    "does not go back because its up ended with %i, which says nothing of the release",
    async (exit) => {
      const world = new World({ changesSchema: false, up: exit });
      expect(await world.upgrade()).toBe(exit === EXIT.lockHeld ? EXIT.lockHeld : EXIT.interrupted);
      expect(world.record?.step).toBe("up");
    },
  );

  it("says 14 when going back fails, and the next run tries it again", async () => {
    const world = new World({ changesSchema: true, up: EXIT.doctorRed });
    const acts = world.upgradeActs();
    acts.save({ ...RECORD, step: "up", backup: "0", before: { ...SCHEMA.old, event: "1" } });
    world.backups = [world.board];
    world.head = NEW.commit;
    const run = async (args: readonly string[]) => (args[0] === "up" ? acts.run(args) : EXIT.phaseFailed);
    const begun = world.record ?? RECORD;
    await expect(runUpgrade(begun, { ...acts, run }, () => undefined)).rejects.toMatchObject({
      code: "ROLLBACK_FAILED",
      exit: 14,
    });
    expect(world.record?.step).toBe("rollback");
    expect(await world.upgrade()).toBe(EXIT.rolledBack);
  });

  it("names a full disk as what it is, before anything was touched", async () => {
    const acts = new World({ changesSchema: false, up: EXIT.ok }).upgradeActs();
    const backUp = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }));
    await expect(runUpgrade(RECORD, { ...acts, backUp }, () => undefined)).rejects.toMatchObject({
      code: "UPGRADE_STOPPED",
      message: expect.stringContaining("no space left"),
    });
  });
});
