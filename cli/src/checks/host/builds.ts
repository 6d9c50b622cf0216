import { readFileSync } from "node:fs";
import { type CacheEntry, isComplete } from "../../drivers/embedded/staging/cache-entry.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** HOST-04. RAM without swap: a build that lives in swap does not end within its time. */
export const hostBuilds: Check = {
  id: "HOST-04",
  title: "The machine has the RAM to build what is not in the cache",
  severity: "error",
  dependsOn: [],
  timeoutMs: 10_000,
  async probe({ config, driver }) {
    const pending = driver.entries().filter((entry) => !isComplete(config.cacheDir, entry));
    return judgeBuilds(pending, ramMb(readFileSync("/proc/meminfo", "utf8")));
  },
  fix: {
    summary: "bring what is built: elk-os bundle export on a machine of 2 GB, elk-os bundle import here; or add RAM",
  },
};

/** `pending`: what would be installed or built now. */
export function judgeBuilds(pending: readonly Pick<CacheEntry, "name" | "buildMemoryMb">[], ram: number): Finding {
  const builds = pending.filter(({ buildMemoryMb }) => buildMemoryMb !== undefined);
  if (builds.length === 0) return pass("nothing is to be built: it is in the cache");
  const needed = Math.max(...builds.map(({ buildMemoryMb = 0 }) => buildMemoryMb));
  const evidence = `to build: ${builds.map(({ name }) => name).join(", ")}; ${ram} MiB RAM`;
  return ram >= needed
    ? pass(evidence)
    : fail(evidence, { expected: `at least ${needed} MiB RAM, which a machine of 2 GB has`, actual: `${ram} MiB` });
}

function ramMb(meminfo: string): number {
  return Math.floor(Number(/^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1] ?? 0) / 1024);
}
