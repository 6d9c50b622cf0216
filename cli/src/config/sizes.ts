import type { Config, ConfigKey } from "./schema.ts";

/** Settings that a size of machine chooses; what somebody set counts for more. The defaults stand in the schema. */
export const SIZES: Readonly<Record<Config["size"], Readonly<Partial<Record<ConfigKey, number>>>>> = {
  /** 2 GiB of RAM, or more. */
  default: {},
  /**
   * 1 GiB of RAM. Each container's limit leaves half again of what its service was seen to take at rest, and Directus's heap is below its own. All
   * containers kept to 896 MiB together under half an hour of fleet (bench/results/footprint-2026-11-30-tiny.md); no such machine was at hand.
   */
  tiny: {
    memoryBudgetMb: 896,
    residentAtWorkMb: 1024,
    postgresSharedBuffersMb: 16,
    directusHeapMb: 256,
    limitPostgresMb: 256,
    limitDirectusMb: 448,
    limitRagMb: 320,
    limitPortalMb: 256,
    limitCaddyMb: 64,
  },
};

/** What the size chooses of the settings that nobody set. Pure; nothing for a word that is no size, which the schema refuses. */
export function presetOf(
  size: string | undefined,
  isSet: (key: ConfigKey) => boolean,
): Partial<Record<ConfigKey, number>> {
  const preset = size !== undefined && Object.hasOwn(SIZES, size) ? SIZES[size as Config["size"]] : {};
  return Object.fromEntries(Object.entries(preset).filter(([key]) => !isSet(key as ConfigKey)));
}
