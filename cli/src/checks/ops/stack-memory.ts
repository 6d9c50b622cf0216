import { type PartUse, stackMemory, sumOfParts } from "../../stack/memory-use.ts";
import { type Check, type Finding, fail, pass, skip } from "../check.ts";

/** OPS-01. HOST-01 asks whether the machine has the memory; this asks whether the stack keeps to it. */
export const stackWithinMemory: Check = {
  id: "OPS-01",
  title: "All services together take no more memory than the budget of the chosen size",
  severity: "warning",
  dependsOn: ["PORT-01"],
  timeoutMs: 15_000,
  probe: async (stack) => judgeMemory(await stackMemory(stack), stack.config.memoryBudgetMb),
  fix: {
    summary:
      "elk-os status shows who takes it; elk-os down, then elk-os up gives it back; ELK_OS_SIZE and ELK_OS_MEMORY_BUDGET_MB state the budget",
  },
};

/** By PSS, which counts a shared page once; RSS counts Postgres's shared memory once for each of its processes. Pure. */
export function judgeMemory(parts: readonly PartUse[], budgetMb: number): Finding {
  const mib = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const hidden = parts.filter(({ use }) => use === null).map(({ part }) => part);
  if (hidden.length > 0) return skip(`the memory of ${hidden.join(", ")} may not be looked at by this user`);
  const sum = sumOfParts(parts);
  if (sum === null) return fail("nothing runs");
  const each = [...parts]
    .sort((a, b) => (b.use?.pssBytes ?? 0) - (a.use?.pssBytes ?? 0))
    .map(({ part, use }) => `${part} ${mib(use?.pssBytes ?? 0)}`);
  const evidence = `${mib(sum.pssBytes)} of ${budgetMb} MiB (PSS; RSS ${mib(sum.rssBytes)}): ${each.join(", ")}`;
  return mib(sum.pssBytes) <= budgetMb
    ? pass(evidence)
    : fail(evidence, { expected: `at most ${budgetMb} MiB`, actual: `${mib(sum.pssBytes)} MiB` });
}
