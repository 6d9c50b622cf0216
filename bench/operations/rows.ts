import type { DriverId } from "../../cli/src/drivers/driver.ts";
import type { ServiceId } from "../../cli/src/services/service-def.ts";
import type { MachineFacts } from "../footprint/machine.ts";
import type { NotMeasured } from "../footprint/rows.ts";

/** Seconds, to a tenth, that a service did not do its work for a caller; only services that were watched are in it. */
export type Downtime = Readonly<Partial<Record<ServiceId, number>>>;

/** What lies on the board as the first backup is made; seeded rows of the profile are counted, too. */
export interface BoardFacts {
  readonly tasks: number;
  readonly claims: number;
  readonly notes: number;
  readonly verifications: number;
  readonly events: number;
  /** Of 10^6 bytes, as Postgres counts the database with its indexes. */
  readonly databaseMb: number;
}

/** A verb's own run from its start to its answer, and who did not serve meanwhile. */
export interface Timed {
  readonly seconds: number;
  readonly down: Downtime;
}

export interface DriverRow {
  readonly board: BoardFacts;
  readonly backup: {
    /** Reading the board and writing the file. */
    readonly dumpSeconds: number;
    /** The rest of the verb: a throw-away Postgres, the load, the comparison. */
    readonly provingSeconds: number;
    readonly rows: number;
    /** Of 10^6 bytes. */
    readonly sizeMb: number;
  };
  readonly verifySeconds: number;
  /** With the safety backup and its proof, which come first and stop nobody. */
  readonly restore: Timed;
  readonly rotations: readonly (Timed & { readonly secret: string })[];
  readonly upgrade: Timed;
  readonly rollback: Timed;
}

export interface Operations extends MachineFacts {
  readonly schema: "muster.operations/1";
  readonly drivers: Readonly<Record<DriverId, DriverRow | NotMeasured>>;
}

/** The row of a driver that this run leaves out: that of an earlier run, if it measured the same sources. Pure. */
export function keptRow(
  known: Pick<Operations, "commit" | "drivers"> | null,
  driver: DriverId,
  commit: string,
): DriverRow | NotMeasured {
  return known?.commit === commit ? known.drivers[driver] : { notMeasured: `asked for by --driver ${driver}` };
}

/** Seconds with one decimal, as the verbs answer theirs. Pure. */
export const toSeconds = (ms: number): number => Math.round(ms / 100) / 10;
