import { readFileSync } from "node:fs";
import { type Check, fail, pass } from "../check.ts";

/** HOST-01. RAM plus swap, as the kernel says it; a container's own limit is not visible there. */
export const hostMemory: Check = {
  id: "HOST-01",
  title: "RAM plus swap hold the whole stack",
  severity: "error",
  dependsOn: [],
  timeoutMs: 1_000,
  async probe({ config }) {
    const totalMb = totalMemoryMb(readFileSync("/proc/meminfo", "utf8"));
    const evidence = `${totalMb} MiB RAM plus swap, budget ${config.memoryBudgetMb} MiB (size ${config.size})`;
    return totalMb >= config.memoryBudgetMb
      ? pass(evidence)
      : fail(evidence, { expected: `at least ${config.memoryBudgetMb} MiB`, actual: `${totalMb} MiB` });
  },
  fix: { summary: "add RAM or a swap file, or set ELK_OS_SIZE=tiny; ELK_OS_MEMORY_BUDGET_MB states the budget" },
};

/** Sum of MemTotal and SwapTotal in MiB from /proc/meminfo text. */
export function totalMemoryMb(meminfo: string): number {
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1] ?? 0);
  return Math.floor((kilobytes("MemTotal") + kilobytes("SwapTotal")) / 1024);
}
