import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHAIN_FILE, readRecords } from "@muster/board/log-chain";
import { checkpointSchema } from "@muster/board/trail/checkpoint";
import { type KnownCheckpoint, type RestoreFault, restoreSchema } from "@muster/board/trail/restore-record";
import { verifyLog } from "../memory/verify-log.ts";
import { isWitnessOf, listWitnesses } from "./restore-witness.ts";

/** Where the trail's own record lies: the log says what was known, the state folder bears witness to it. */
export interface TrailPlaces {
  readonly log: string;
  /** Folder of the heads behind checkpoints and restored boards, one file per digest. */
  readonly heads: string;
  /** Folder of what each restore put in place. */
  readonly restores: string;
}

/** A checkpoint or a restore as it stands in the log. */
export interface Moment extends Omit<KnownCheckpoint, "heads"> {
  /** The chain's records reach over it: an append that a crash cut short left text without them. */
  readonly isChained: boolean;
}

const CHECKPOINT = '{"muster_checkpoint":';
const RESTORE = '{"muster_restore":';

/** Every checkpoint and restore in the log, oldest first. Lines that are neither are left out: the log's own chain says whether they were changed. */
export function listMoments({ log, restores }: Pick<TrailPlaces, "log" | "restores">): readonly Moment[] {
  const isSound = once(() => verifyLog(log).problems.every(({ kind }) => kind === "unchained"));
  const witnesses = listWitnesses(restores);
  return listLines(log).flatMap(({ line, isChained }): Moment[] => {
    const value = parsed(line);
    if (line.startsWith(CHECKPOINT)) {
      const { data } = checkpointSchema.safeParse(value);
      return data === undefined ? [] : [{ checkpoint: data, isChained }];
    }
    const { data: restore } = restoreSchema.safeParse(value);
    if (restore === undefined) return [];
    const isWitnessed = witnesses.some((witness) => isWitnessOf(witness, restore));
    let fault: RestoreFault | null = null;
    if (!isWitnessed) fault = "RESTORE_UNWITNESSED";
    if (!(isChained && isSound())) fault = "RESTORE_UNCHAINED";
    return [{ checkpoint: restore.board, isChained, restored: { restore, fault } }];
  });
}

/** The instance's last checkpoint, or the board that a restore put in place since: what the log vouches for. Null: nothing yet. */
export function findLastMoment(places: Pick<TrailPlaces, "log" | "restores">, instance: string): Moment | null {
  const isOurs = ({ checkpoint, restored }: Moment) =>
    checkpoint.instance === instance && (restored?.fault ?? null) === null;
  return listMoments(places).findLast(isOurs) ?? null;
}

/** Lines of the log's days that begin as a checkpoint or a restore does. */
function listLines(log: string): readonly { readonly line: string; readonly isChained: boolean }[] {
  const days = existsSync(log) ? readdirSync(log).filter((name) => /^\d{4}-\d{2}-\d{2}\.md$/.test(name)) : [];
  const chain = join(log, CHAIN_FILE);
  const { records } = readRecords(existsSync(chain) ? readFileSync(chain, "utf8") : "");
  return days.sort().flatMap((day) => {
    const chained = records.findLast(({ file }) => file === day)?.to ?? 0;
    let end = 0;
    return readFileSync(join(log, day), "utf8")
      .split("\n")
      .flatMap((line) => {
        end += Buffer.byteLength(line) + 1;
        const isOne = line.startsWith(CHECKPOINT) || line.startsWith(RESTORE);
        return isOne ? [{ line, isChained: end <= chained }] : [];
      });
  });
}

function once<T>(look: () => T): () => T {
  let found: { readonly value: T } | null = null;
  return () => {
    found ??= { value: look() };
    return found.value;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is neither.
    return undefined;
  }
}
