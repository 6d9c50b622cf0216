import { type MemoryUse, memoryByRoot } from "../host/memory-use.ts";
import type { Stack } from "./stack.ts";

/** A service, "supervisor" or a container, and what its processes take now; null where we may not look. */
export interface PartUse {
  readonly part: string;
  readonly use: MemoryUse | null;
}

/** What each running part of the instance takes, in start order. The CLI that asks is no part of it. */
export async function stackMemory({ driver }: Pick<Stack, "driver">): Promise<readonly PartUse[]> {
  const parts = new Map<number, string>();
  for (const { service, pid } of await driver.containers()) if (pid !== null) parts.set(pid, service);
  if (parts.size === 0) {
    for (const { service, pid } of await driver.status()) if (pid !== null) parts.set(pid, service);
    const watcher = await driver.watcher();
    if (watcher !== null) parts.set(watcher, "supervisor");
  }
  return [...memoryByRoot([...parts.keys()])].map(([pid, use]) => ({ part: parts.get(pid) ?? "", use }));
}

/** Null when one part cannot be seen, or none runs. */
export function sumOfParts(parts: readonly PartUse[]): MemoryUse | null {
  const uses = parts.map(({ use }) => use).filter((use) => use !== null);
  if (uses.length === 0 || uses.length < parts.length) return null;
  const sum = (of: keyof MemoryUse) => uses.reduce((total, use) => total + use[of], 0);
  return { processes: sum("processes"), rssBytes: sum("rssBytes"), pssBytes: sum("pssBytes") };
}
