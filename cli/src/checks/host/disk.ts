import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Check, fail, pass } from "../check.ts";

/** A filesystem with fewer free inodes than this refuses files while it still shows free space. */
const LEAST_FREE_INODES_PERCENT = 10;

/** HOST-02. */
export const hostDisk: Check = {
  id: "HOST-02",
  title: "The state folder's disk has room, in bytes and in inodes",
  severity: "error",
  dependsOn: [],
  timeoutMs: 1_000,
  async probe({ config, paths }) {
    const disk = statfsSync(nearestExisting(paths.root));
    const freeMb = Math.floor((disk.bavail * disk.bsize) / 1024 / 1024);
    // Some filesystems (btrfs) count no inodes and report 0 of 0.
    const inodesPercent = disk.files === 0 ? 100 : Math.floor((disk.ffree / disk.files) * 100);
    const evidence = `${freeMb} MiB free, ${inodesPercent} % of inodes free`;
    return freeMb >= config.diskBudgetMb && inodesPercent >= LEAST_FREE_INODES_PERCENT
      ? pass(evidence)
      : fail(evidence, {
          expected: `at least ${config.diskBudgetMb} MiB and ${LEAST_FREE_INODES_PERCENT} % of inodes`,
          actual: `${freeMb} MiB and ${inodesPercent} %`,
        });
  },
  fix: { summary: "free space, or point ELK_OS_STATE_DIR and ELK_OS_CACHE_DIR at a larger disk" },
};

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
