/**
 * An upgrade on a world of its own: a checkout, a board, backups and a disk as plain values. The run is killed between any two of its acts and
 * in the middle of each, as often as it likes; what a later run makes of it is compared with a run that nobody disturbed.
 */
import { describe, expect, it } from "vitest";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { beginRecord } from "./begin.ts";
import { isUnfinished, type UpgradeRecord } from "./record.ts";
import { type RollbackActs, rollBackData } from "./roll-back.ts";
import { runUpgrade, switchBack, type UpgradeActs } from "./run-upgrade.ts";

const OLD = { commit: "a".repeat(40), version: "0.1.0" };
const NEW = { commit: "b".repeat(40), version: "0.2.0" };
const RECORD = beginRecord({ from: { ...OLD, ref: "main" }, to: NEW }, new Date("2026-11-29T12:00:00Z"));
const SCHEMA = { old: { migration: 47, directus: "20260101A" }, new: { migration: 48, directus: "20260101A" } };

/** Thrown in place of a SIGKILL. Whoever catches it, nothing happens any more. */
class Killed extends Error {}

interface Board {
  readonly schema: keyof typeof SCHEMA;
  readonly events: readonly string[];
}

/** What the new release does. */
interface Release {
  readonly changesSchema: boolean;
  /** Exit code of its `up`. */
  readonly up: number;
}

class World {
  head = OLD.commit;
  ref = "main";
  record: UpgradeRecord | null = null;
  databases: Record<string, Board> = { muster: { schema: "old", events: ["before"] } };
  backups: Board[] = [];
  /** Release whose services run. */
  runs: string | null = OLD.version;
  pulled = false;
  readonly release: Release;
  /** The next kill: the how-manieth thing that happens is the last one. */
  fuse = Number.POSITIVE_INFINITY;
  happened = 0;
  isDead = false;
  /** The how-manieth thing meets a full disk. */
  fullAt = Number.POSITIVE_INFINITY;

  constructor(release: Release) {
    this.release = release;
  }

  get board(): Board {
    return this.databases["muster"] ?? { schema: "old", events: [] };
  }

  /** One thing that either is on disk afterwards or is not. */
  private does(change: () => void): void {
    this.happened += 1;
    if (this.happened === this.fullAt) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    if (this.happened > this.fuse) {
      this.isDead = true;
      throw new Killed();
    }
    change();
  }

  private write(event: string): void {
    this.databases["muster"] = { ...this.board, events: [...this.board.events, event] };
  }

  upgradeActs(): UpgradeActs {
    return {
      save: (record) => this.does(() => (this.record = record)),
      head: async () => this.head,
      find: async (ref) => (ref === "main" ? OLD.commit : null),
      pull: async () => this.does(() => (this.pulled = true)),
      backUp: async () => {
        const { schema, events } = this.board;
        const before = { ...SCHEMA[schema], event: String(events.length) };
        this.does(() => this.backups.push(this.board));
        // Agents do not wait for the backup.
        this.write("written after the backup");
        return { backup: String(this.backups.length - 1), before };
      },
      switchTo: async (ref) =>
        this.does(() => {
          this.head = ref === "main" ? OLD.commit : ref;
          this.ref = ref;
        }),
      run: async (args) => (args[0] === "up" ? this.up() : this.rollback()),
    };
  }

  /** `elk-os up` of what is checked out. */
  private async up(): Promise<number> {
    const isNew = this.head === NEW.commit;
    if (isNew && this.release.changesSchema) {
      this.does(() => (this.databases["muster"] = { ...this.board, schema: "new" }));
    }
    if (!isNew && this.board.schema === "new") return EXIT.phaseFailed;
    this.does(() => (this.runs = isNew ? NEW.version : OLD.version));
    return isNew ? this.release.up : EXIT.ok;
  }

  /** `elk-os rollback --yes` of what is checked out: the last part of the command, without what it prints. */
  async rollback(): Promise<number> {
    if (this.head !== OLD.commit || this.record === null) return EXIT.internal;
    await rollBackData(this.record, this.rollbackActs());
    const exit = await this.up();
    const { record } = this;
    if (exit === EXIT.ok) this.does(() => (this.record = { ...record, step: "rolled-back" } as UpgradeRecord));
    return exit;
  }

  private rollbackActs(): RollbackActs {
    return {
      save: (record) => this.does(() => (this.record = record)),
      startDatabase: async () => undefined,
      standing: async () => ({ ...SCHEMA[this.board.schema], event: String(this.board.events.length) }),
      countEventsAfter: async (event) => this.board.events.length - Number(event),
      hasDatabase: async (name) => name in this.databases,
      stopWriters: async () => this.does(() => (this.runs = null)),
      restore: async (backup, keepAs) => {
        const saved = this.backups[Number(backup)];
        if (saved === undefined) throw new Error("no such backup");
        // Loading beside the board is the first half; nothing is swapped when the run dies in it.
        this.does(() => undefined);
        this.does(() => (this.databases = { ...this.databases, [keepAs]: this.board, muster: saved }));
      },
      nameToKeep: () => `muster_before_${this.happened}`,
    };
  }

  /** The command: begins, or goes on with what is recorded. Answers its exit code, null when it was killed or met what is no CliError. */
  async upgrade(): Promise<number | null> {
    this.isDead = false;
    const acts = this.upgradeActs();
    try {
      if (this.record === null) acts.save(RECORD);
      const record = this.record ?? RECORD;
      if (isUnfinished(record)) await runUpgrade(record, acts, () => undefined);
      return EXIT.ok;
    } catch (error) {
      return error instanceof CliError && !this.isDead ? error.exit : null;
    }
  }

  /** The command, killed when that many things have happened in it. */
  async upgradeKilledAfter(things: number): Promise<number | null> {
    this.happened = 0;
    this.fuse = things;
    const exit = await this.upgrade();
    this.fuse = Number.POSITIVE_INFINITY;
    return exit;
  }

  /** Every event that anybody ever wrote, wherever it is now. */
  get allEvents(): ReadonlySet<string> {
    return new Set(Object.values(this.databases).flatMap(({ events }) => events));
  }
}

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

function expectEnd(world: World, { release, exit }: (typeof ENDS)[number], about: string): void {
  const isNew = exit === EXIT.ok;
  expect(world.record?.step, about).toBe(isNew ? "done" : "rolled-back");
  expect([world.head, world.runs], about).toEqual(isNew ? [NEW.commit, NEW.version] : [OLD.commit, OLD.version]);
  expect(world.board.schema, about).toBe(isNew && release.changesSchema ? "new" : "old");
  expect(world.allEvents, about).toEqual(new Set(["before", "written after the backup"]));
  expect(world.backups.length, about).toBeGreaterThan(0);
  expect(world.board.events, about).toContain("before");
  // A database that was replaced can be found again by what is recorded.
  const kept = Object.keys(world.databases).filter((name) => name !== "muster");
  expect(kept, about).toEqual(kept.length === 0 ? [] : [world.record?.undo?.kept]);
}

async function undisturbed(release: Release): Promise<World> {
  const world = new World(release);
  await world.upgrade();
  return world;
}

describe.each(ENDS)("$name", (end) => {
  it("ends as it must when nobody disturbs it", async () => {
    const world = new World(end.release);
    expect(await world.upgrade()).toBe(end.exit);
    expectEnd(world, end, "undisturbed");
  });

  it("ends so, too, after a kill at each of the things that happen", async () => {
    const { happened } = await undisturbed(end.release);
    expect(happened).toBeGreaterThan(6);
    for (let kill = 0; kill < happened; kill++) {
      const world = new World(end.release);
      expect(await world.upgradeKilledAfter(kill), `kill ${kill}`).toBeNull();
      await world.upgrade();
      expectEnd(world, end, `kill ${kill}`);
    }
  });

  it("gets there however often it is killed, as long as each run gets one thing further than the last", async () => {
    const world = new World(end.release);
    let kills = 0;
    while ((await world.upgradeKilledAfter(kills + 1)) === null) {
      kills += 1;
      expect(kills).toBeLessThan(50);
    }
    expect(kills).toBeGreaterThan(2);
    expectEnd(world, end, "killed again and again");
  });

  it("loses nothing on a disk that is full at each of the things that happen, and ends once there is room", async () => {
    const { happened } = await undisturbed(end.release);
    for (let full = 1; full <= happened; full++) {
      const world = new World(end.release);
      world.fullAt = full;
      const exit = await world.upgrade();
      const isSettled = world.record !== null && !isUnfinished(world.record);
      // What runs is one of the two releases on a schema that it knows.
      if (world.runs !== null) expect([OLD.version, NEW.version], `full ${full}`).toContain(world.runs);
      expect(world.allEvents, `full ${full}`).toContain("before");
      if (!isSettled) await world.upgrade();
      expect(world.record?.step, `full ${full}, exit ${exit}`).toBe(end.exit === EXIT.ok ? "done" : "rolled-back");
      expectEnd(world, end, `full ${full}`);
    }
  });
});

describe("an upgrade", () => {
  it("keeps what was written since the backup on the board when the schema did not change", async () => {
    const world = await undisturbed({ changesSchema: false, up: EXIT.doctorRed });
    expect(world.board.events).toEqual(["before", "written after the backup"]);
    expect(Object.keys(world.databases)).toEqual(["muster"]);
  });

  it("keeps it in the replaced database when it did, and counts it", async () => {
    const world = await undisturbed({ changesSchema: true, up: EXIT.doctorRed });
    expect(world.board.events).toEqual(["before"]);
    const { undo } = world.record ?? {};
    expect(undo?.lostEvents).toBe(1);
    expect(world.databases[undo?.kept ?? ""]?.events).toContain("written after the backup");
  });

  it("goes back to the branch that it came from", async () => {
    const world = await undisturbed({ changesSchema: false, up: EXIT.doctorRed });
    expect(world.ref).toBe("main");
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
