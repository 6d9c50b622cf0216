import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** A filesystem with fewer free inodes than this refuses files while it still shows free space. */
const LEAST_FREE_INODES_PERCENT = 10;

/** HOST-02. State and cache may lie on two disks; each must hold the budget, which is twice what the whole stack was measured to take. */
export const hostDisk: Check = {
  id: "HOST-02",
  title: "The disks of the state folder and of the cache have room, in bytes and in inodes",
  severity: "error",
  dependsOn: [],
  timeoutMs: 1_000,
  probe: async ({ config, paths }) => judgeDisks([lookAt(paths.root), lookAt(config.cacheDir)], config.diskBudgetMb),
  fix: { summary: "free space, or point ELK_OS_STATE_DIR and ELK_OS_CACHE_DIR at a larger disk" },
};

export interface Disk {
  readonly folder: string;
  /** Number of the device; two folders of one number share their room. */
  readonly device: number;
  readonly freeMb: number;
  readonly inodesPercent: number;
}

function lookAt(folder: string): Disk {
  const place = nearestExisting(folder);
  const { bavail, bsize, files, ffree } = statfsSync(place);
  return {
    folder,
    device: statSync(place).dev,
    freeMb: Math.floor((bavail * bsize) / 1024 / 1024),
    // Some filesystems (btrfs) count no inodes and report 0 of 0.
    inodesPercent: files === 0 ? 100 : Math.floor((ffree / files) * 100),
  };
}

export function judgeDisks(disks: readonly Disk[], budgetMb: number): Finding {
  const distinct = disks.filter((disk, index) => disks.findIndex(({ device }) => device === disk.device) === index);
  const room = ({ freeMb, inodesPercent }: Disk) => `${freeMb} MiB free, ${inodesPercent} % of inodes free`;
  const full = distinct.find(
    ({ freeMb, inodesPercent }) => freeMb < budgetMb || inodesPercent < LEAST_FREE_INODES_PERCENT,
  );
  if (full === undefined) return pass(distinct.map((disk) => `${disk.folder}: ${room(disk)}`).join("; "));
  return fail(`${full.folder}: ${room(full)}`, {
    expected: `at least ${budgetMb} MiB and ${LEAST_FREE_INODES_PERCENT} % of inodes`,
    actual: `${full.freeMb} MiB and ${full.inodesPercent} %`,
  });
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
