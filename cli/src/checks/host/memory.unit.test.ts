import { expect, test } from "vitest";
import { totalMemoryMb } from "./memory.ts";

const MEMINFO = `MemTotal:        2048000 kB
MemFree:          100000 kB
SwapCached:            0 kB
SwapTotal:       1048576 kB
`;

test("adds RAM and swap in MiB", () => {
  expect(totalMemoryMb(MEMINFO)).toBe(3024);
});

test("counts what the kernel does not list as none", () => {
  expect(totalMemoryMb("MemTotal:        1024 kB\n")).toBe(1);
  expect(totalMemoryMb("")).toBe(0);
});
