import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { type Disk, judgeDisks } from "./disk.ts";

const state: Disk = { folder: "/state", device: 1, freeMb: 5_000, inodesPercent: 80 };
const cache: Disk = { folder: "/cache", device: 2, freeMb: 6_000, inodesPercent: 90 };

test("two disks with room pass, one that both share is said once", () => {
  expect(judgeDisks([state, cache], 4_096)).toEqual({
    status: "pass",
    evidence: "/state: 5000 MiB free, 80 % of inodes free; /cache: 6000 MiB free, 90 % of inodes free",
  });
  expect(judgeDisks([state, { ...cache, device: 1 }], 4_096)).toMatchObject({
    evidence: expect.stringMatching(/^\/state: [^;]*$/),
  });
});

test("either disk that lacks bytes or inodes is red", () => {
  expectRed("HOST-02", judgeDisks([{ ...state, freeMb: 4_095 }, cache], 4_096), /^\/state: 4095 MiB free/);
  expectRed("HOST-02", judgeDisks([state, { ...cache, freeMb: 10 }], 4_096), /^\/cache: 10 MiB free/);
  expectRed("HOST-02", judgeDisks([state, { ...cache, inodesPercent: 9 }], 4_096), /9 % of inodes free$/);
});
