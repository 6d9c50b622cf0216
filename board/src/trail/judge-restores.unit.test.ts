import { describe, expect, test } from "vitest";
import type { Checkpoint } from "./checkpoint.ts";
import { judgeRestores } from "./judge-restores.ts";
import { type KnownCheckpoint, mayLose, momentOf, type Restore, recordRestore } from "./restore-record.ts";

const OURS = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";

/** A checkpoint of that hour; transactions and events are counted by the hour. */
function checkpoint(hour: number, change: Partial<Checkpoint> = {}): Checkpoint {
  return {
    muster_checkpoint: 1,
    instance: OURS,
    incarnation: 1,
    at: `2026-11-22T${String(hour).padStart(2, "0")}:00:00.000Z`,
    below_xid: String(hour * 100),
    last_id: String(hour * 10),
    events: hour * 10,
    chains: 2,
    entities: { os_tasks: { chains: 2, events: hour * 10, digest: "d".repeat(64) } },
    receipts: { count: 0, head: null },
    heads: String(hour).padStart(64, "0"),
    ...change,
  };
}

/** A restore at 12 o'clock of a backup of 9 o'clock, which begins incarnation 2. */
function restore(change: Partial<Restore> = {}): Restore {
  return {
    muster_restore: 1,
    at: "2026-11-22T12:00:00.000Z",
    instance: OURS,
    backup: {
      id: "20261122T090000Z",
      instance: OURS,
      incarnation: 1,
      created_at: "2026-11-22T09:00:00.000Z",
      below_xid: "950",
    },
    incarnation: { before: 1, after: 2 },
    kept: "muster_before_20261122t120000z",
    board: checkpoint(12, { incarnation: 2, last_id: "95" }),
    lost: [lost(checkpoint(10)), lost(checkpoint(11))],
    ...change,
  };
}

const lost = ({ at, heads }: Checkpoint) => ({ at, heads });
const taken = (one: Checkpoint): KnownCheckpoint => ({ checkpoint: one, heads: null });
const told = (record: Restore, fault: NonNullable<KnownCheckpoint["restored"]>["fault"] = null): KnownCheckpoint => ({
  checkpoint: record.board,
  heads: null,
  restored: { restore: record, fault },
});

const before = [taken(checkpoint(8)), taken(checkpoint(9)), taken(checkpoint(10)), taken(checkpoint(11))];
const BOARD = { instance: OURS, incarnation: 2 };

/** The board holds all but these hours' checkpoints. */
const without =
  (...hours: readonly number[]) =>
  ({ checkpoint: { at } }: KnownCheckpoint) =>
    !hours.map((hour) => checkpoint(hour).at).includes(at);

function judge(known: readonly KnownCheckpoint[], isHeld = without(10, 11), board = BOARD) {
  const { lost: excused, believed, breaks } = judgeRestores(known, board, isHeld);
  return {
    lost: [...excused.keys()].map((one) => one.checkpoint.at.slice(11, 13)),
    believed: believed.length,
    codes: breaks.map(({ code }) => code),
  };
}

describe("a restore that the log tells of", () => {
  test("excuses the checkpoints that it names and that the board does not hold, and nothing else", () => {
    expect(judge([...before, told(restore())])).toEqual({ lost: ["10", "11"], believed: 1, codes: [] });
    expect(judge([...before, told(restore())], without(9, 10, 11)).lost).toEqual(["10", "11"]);
    expect(judge([...before, told(restore())], without(11)).lost).toEqual(["11"]);
  });

  test("excuses no checkpoint that stands after it, even one that it names", () => {
    const late = taken(checkpoint(13, { incarnation: 2 }));
    const record = restore({ lost: [...restore().lost, lost(late.checkpoint)] });
    expect(judge([...before, told(record), late], without(10, 11, 13)).lost).toEqual(["10", "11"]);
  });

  test("excuses nothing when the board does not hold what was restored", () => {
    expect(judge([...before, told(restore())], without(10, 11, 12)).lost).toEqual([]);
  });

  test("counts once, however often its line is copied", () => {
    const copies = [told(restore()), told(restore(), "RESTORE_UNWITNESSED")];
    expect(judge([...before, ...copies])).toEqual({ lost: ["10", "11"], believed: 1, codes: [] });
  });

  test("is another's matter in a log that instances share", () => {
    const theirs = restore({ instance: OTHER, board: checkpoint(12, { instance: OTHER }), lost: [] });
    expect(judge([...before, told(theirs, "RESTORE_UNWITNESSED")], without())).toMatchObject({
      believed: 0,
      codes: [],
    });
  });
});

describe("a second restore", () => {
  const later = (change: Partial<Restore> = {}) =>
    restore({
      at: "2026-11-22T15:00:00.000Z",
      backup: { ...restore().backup, id: "20261122T080000Z", created_at: "2026-11-22T08:00:00.000Z", below_xid: "850" },
      incarnation: { before: 2, after: 3 },
      board: checkpoint(15, { incarnation: 3, last_id: "85" }),
      lost: [9, 10, 11].map((hour) => lost(checkpoint(hour))).concat(lost(restore().board)),
      ...change,
    });
  const life = { ...BOARD, incarnation: 3 };

  test("names again what the first one lost, and the board that the first one put in place", () => {
    const known = [...before, told(restore()), told(later())];
    expect(judge(known, without(9, 10, 11, 12), life)).toEqual({
      lost: ["09", "10", "11", "12"],
      believed: 2,
      codes: [],
    });
  });

  test("of a backup of the first one's time must name what that one lost, and may", () => {
    const backup = { ...later().backup, incarnation: 2, below_xid: "1300", created_at: "2026-11-22T13:00:00.000Z" };
    const record = later({ backup, lost: restore().lost });
    expect(judge([...before, told(restore()), told(record)], without(10, 11), life).lost).toEqual(["10", "11"]);
    const forgetful = later({ backup, lost: [] });
    expect(judge([...before, told(restore()), told(forgetful)], without(10, 11), life).lost).toEqual([]);
  });
});

describe("a record that does not fit is a failure, and excuses nothing:", () => {
  test.each<[string, Restore, string]>([
    ["of another instance that speaks of ours", restore({ instance: OTHER }), "RESTORE_FOREIGN"],
    [
      "of our instance with another's board",
      restore({ board: checkpoint(12, { instance: OTHER, incarnation: 2 }) }),
      "RESTORE_FOREIGN",
    ],
    [
      "an incarnation that the board has not reached",
      restore({ incarnation: { before: 1, after: 3 }, board: checkpoint(12, { incarnation: 3 }) }),
      "RESTORE_INCARNATION",
    ],
    ["an incarnation that is no new one", restore({ incarnation: { before: 2, after: 2 } }), "RESTORE_INCARNATION"],
    ["a board of another incarnation", restore({ board: checkpoint(12) }), "RESTORE_INCARNATION"],
    [
      "a backup of a later time than its own",
      restore({ backup: { ...restore().backup, incarnation: 2 } }),
      "RESTORE_INCARNATION",
    ],
    [
      "a checkpoint that the backup must hold",
      restore({ lost: [...restore().lost, lost(checkpoint(9))] }),
      "RESTORE_OVERREACHES",
    ],
  ])("%s", (_what, record, code) => {
    expect(judge([...before, told(record)])).toEqual({ lost: [], believed: 0, codes: [code] });
  });

  test.each(["RESTORE_UNCHAINED", "RESTORE_UNWITNESSED"] as const)("%s", (fault) => {
    expect(judge([...before, told(restore(), fault)])).toEqual({ lost: [], believed: 0, codes: [fault] });
  });

  test("one that is appended to a real one takes nothing away from it", () => {
    const forged = told(restore({ at: "2026-11-22T14:00:00.000Z" }), "RESTORE_UNWITNESSED");
    const verdict = judge([...before, told(restore()), taken(checkpoint(13, { incarnation: 2 })), forged]);
    expect(verdict).toEqual({ lost: ["10", "11"], believed: 1, codes: ["RESTORE_UNWITNESSED"] });
  });
});

describe("a restore names as lost", () => {
  const facts = (({ lost: _, ...rest }: Restore) => rest)(restore());
  const held = (...hours: readonly number[]) => new Set(hours.map((hour) => momentOf(checkpoint(hour))));

  test("what its board does not hold and its backup cannot", () => {
    expect(recordRestore(facts, before, held(8, 9))).toEqual(restore());
    expect(recordRestore(facts, before, held(8, 9, 10)).lost).toEqual([lost(checkpoint(11))]);
  });

  test("no checkpoint that the backup must hold: the board had been cut before it was saved", () => {
    expect(recordRestore(facts, before, held(8)).lost).toEqual(restore().lost);
  });

  test("by the order of transactions, and by the clock only for a backup that did not write it down", () => {
    const odd = checkpoint(9, { at: "2026-11-22T08:59:00.000Z", below_xid: "951" });
    expect(mayLose(facts, odd, [])).toBe(true);
    expect(mayLose({ ...facts, backup: { ...facts.backup, below_xid: null } }, odd, [])).toBe(false);
    expect(mayLose(facts, { ...odd, below_xid: "950" }, [])).toBe(false);
  });

  test("nothing of its own incarnation or a later one, and all of the replaced board's for another instance's backup", () => {
    expect(mayLose(facts, checkpoint(11, { incarnation: 2 }), [])).toBe(false);
    expect(mayLose(facts, checkpoint(8), [])).toBe(false);
    expect(mayLose({ ...facts, backup: { ...facts.backup, instance: OTHER } }, checkpoint(8), [])).toBe(true);
  });
});
