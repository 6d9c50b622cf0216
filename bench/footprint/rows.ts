import type { DriverId } from "../../cli/src/drivers/driver.ts";
import type { MachineFacts } from "./machine.ts";

/** Memory of one part of the stack, or of all of it; megabytes of 10^6 bytes. */
export interface MemoryRow {
  readonly part: string;
  readonly processes: number;
  readonly rssMb: number;
  readonly pssMb: number;
}

export interface MemoryTable {
  readonly parts: readonly MemoryRow[];
  readonly total: MemoryRow;
}

export interface DriverRow {
  readonly starts: {
    /** `up` into an empty state folder, everything that can be cached being there. */
    readonly fromZeroMs: number;
    /** `down`, then `up` over the same state. */
    readonly warmRestartMs: number;
    /** `up` when everything runs. */
    readonly againMs: number;
    /** `down`. */
    readonly downMs: number;
  };
  /** Memory that the whole stack was given, in MiB, page cache and all (null: the machine's), and processes that the kernel ended for want of it. */
  readonly limit: { readonly withinMib: number | null; readonly outOfMemoryKills: number };
  /** After that many seconds without a request of ours. */
  readonly idle: MemoryTable & { readonly afterSeconds: number };
  readonly fleet:
    | (MemoryTable & {
        readonly minutes: number;
        readonly agents: number;
        /** Largest sum of PSS that was seen meanwhile. */
        readonly highestPssMb: number;
        readonly deeds: Readonly<Record<string, number>>;
      })
    | NotMeasured;
  /** Megabytes of each image as the engine counts it, with layers that others share. */
  readonly images: Readonly<Record<string, number>> | NotMeasured;
}

export interface NotMeasured {
  readonly notMeasured: string;
}

export const isMeasured = <T extends object>(row: T | NotMeasured): row is T => !("notMeasured" in row);

export interface Verdict {
  readonly metric: string;
  readonly floorMb: number;
  readonly pssMb: number | null;
  readonly rssMb: number | null;
  /** By RSS, as the floor is written; null: no verdict. */
  readonly isMet: boolean | null;
  /** The same by PSS. */
  readonly isMetByPss: boolean | null;
  /** Why there is no verdict. */
  readonly because?: string;
}

/** Sizes of the configuration that are measured (ELK_OS_SIZE). */
export const SIZES = ["default", "tiny"] as const;
export type Size = (typeof SIZES)[number];

export interface Footprint extends MachineFacts {
  readonly schema: "muster.footprint/1";
  readonly size: Size;
  readonly drivers: Readonly<Record<DriverId, DriverRow | NotMeasured>>;
  readonly verdicts: readonly Verdict[];
}

/** Megabytes of 10^6 bytes. A tiny stack has 1 GiB in all. */
const FLOORS: Readonly<Record<Size, { readonly idle: number; readonly fleet: number }>> = {
  default: { idle: 900, fleet: 1_100 },
  tiny: { idle: 900, fleet: 1_073 },
};
/** What the second floor speaks of; a shorter fleet says something, but not that. */
const FLEET_MINUTES = 30;

/**
 * Each floor twice. It is written in RSS, which counts a page that several processes share once for each of them, Postgres's shared memory once for each
 * backend; PSS, which counts it once, is what the machine really gives away.
 */
export function judge(drivers: Footprint["drivers"], size: Size = "default"): readonly Verdict[] {
  const floors = FLOORS[size];
  return Object.entries(drivers).flatMap(([driver, row]) => {
    const idle = { metric: `${driver}: whole stack, idle`, floorMb: floors.idle };
    const fleet = {
      metric: `${driver}: whole stack, after a fleet of ${FLEET_MINUTES} minutes`,
      floorMb: floors.fleet,
    };
    if (!isMeasured(row)) return [without(idle, row.notMeasured), without(fleet, row.notMeasured)];
    const after = row.fleet;
    return [
      judged(idle, row.idle),
      !isMeasured(after)
        ? without(fleet, after.notMeasured)
        : after.minutes < FLEET_MINUTES
          ? without(fleet, `the fleet lasted ${after.minutes} minutes`)
          : judged(fleet, after),
    ];
  });
}

type Asked = Pick<Verdict, "metric" | "floorMb">;
const judged = (asked: Asked, { total: { pssMb, rssMb } }: MemoryTable): Verdict => ({
  ...asked,
  pssMb,
  rssMb,
  isMet: rssMb <= asked.floorMb,
  isMetByPss: pssMb <= asked.floorMb,
});
const without = (asked: Asked, because: string): Verdict => ({
  ...asked,
  pssMb: null,
  rssMb: null,
  isMet: null,
  isMetByPss: null,
  because,
});
