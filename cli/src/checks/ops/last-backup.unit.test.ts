import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { type BackupFacts, judgeBackups } from "./last-backup.ts";

const NOW = new Date("2026-11-30T12:00:00.000Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * 3_600_000);
const backup = (age: number, isProven = true) => ({ id: `b${age}`, at: daysAgo(age), isProven });

const judge = (change: Partial<BackupFacts>) =>
  judgeBackups({ backups: [], newestEvent: daysAgo(0.1), madeAt: daysAgo(90), now: NOW, ...change }, 7);

test("a young proven backup passes, and an old one of a board that nobody wrote since", () => {
  expect(judge({ backups: [backup(6.9)] })).toEqual({ status: "pass", evidence: "b6.9, 6 days old" });
  expect(judge({ backups: [backup(40)], newestEvent: daysAgo(41) })).toEqual({
    status: "pass",
    evidence: "b40, 40 days old; nothing was written since",
  });
  expect(judge({ backups: [backup(40)], newestEvent: null })).toMatchObject({ status: "pass" });
});

test("an old one of a board that was written since is red, with the moment", () => {
  expectRed(
    "OPS-02",
    judge({ backups: [backup(7.1)] }),
    /^b7\.1, 7 days old; the board was written since, last at 2026-11-30T09:36:00\.000Z$/,
  );
});

test("a copy that was never tried counts as none, however young", () => {
  expectRed(
    "OPS-02",
    judge({ backups: [backup(0, false)] }),
    /^1 backup, none of them proven; the instance is 90 days old$/,
  );
  expect(judge({ backups: [backup(0, false), backup(3)] })).toEqual({ status: "pass", evidence: "b3, 3 days old" });
});

test("an instance without one is asked only after that many days", () => {
  expect(judge({ madeAt: daysAgo(0.01) })).toEqual({
    status: "skip",
    because: "no backup; the instance is 0 days old, and is asked for one after 7 days",
  });
  expectRed("OPS-02", judge({ madeAt: daysAgo(7.1) }), /^no backup; the instance is 7 days old$/);
});
