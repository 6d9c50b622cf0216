import { expect, test } from "vitest";
import { type Machine, placeInMemory } from "./temporary-place.ts";

const GB = 1024 ** 3;
const ROOMY: Machine = {
  mounts: "/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n",
  placeBytes: 12 * GB,
  memoryBytes: 20 * GB,
};

test("temporary folders lie in memory on a machine that has enough of it", () => {
  expect(placeInMemory(ROOMY)).toBe("/dev/shm");
});

test.each<readonly [string, Partial<Machine>]>([
  ["is a container's, of 64 MB", { placeBytes: 64 * 1024 ** 2 }],
  ["would take the memory that the stacks need", { memoryBytes: 8 * GB }],
  ["runs no program", { mounts: "shm /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0\n" }],
  ["may not be written", { mounts: "shm /dev/shm tmpfs ro 0 0\n" }],
  ["is a folder of the disk", { mounts: "/dev/vda / ext4 rw 0 0\n" }],
  ["was mounted over", { mounts: `${ROOMY.mounts}/dev/vdb /dev/shm ext4 rw 0 0\n` }],
])("they stay where they were when the place in memory %s", (_why, change) => {
  expect(placeInMemory({ ...ROOMY, ...change })).toBeNull();
});
