import { isDeepStrictEqual } from "node:util";
import type { ChainBreak } from "./chain-break.ts";
import {
  type KnownCheckpoint,
  mayLose,
  namesLost,
  RESTORE_FAULTS,
  type Restore,
  type RestoreFault,
} from "./restore-record.ts";

/** Which board is asked about. */
export interface BoardLife {
  readonly instance: string;
  readonly incarnation: number;
}

export interface RestoreVerdict {
  /** Checkpoints that the board does not hold and need not, each with the restore that lost it. */
  readonly lost: ReadonlyMap<KnownCheckpoint, Restore>;
  /** Records of this instance that are believed. */
  readonly believed: readonly KnownCheckpoint[];
  /** Records that count for nothing: not believed, of another instance, or a copy of one before. */
  readonly ignored: ReadonlySet<KnownCheckpoint>;
  readonly breaks: readonly ChainBreak[];
}

/**
 * What the restores in a log excuse. Only the last one that is believed does, for each names again what was lost before, and only when the board
 * holds what it put in place; a checkpoint that it does not name, or that stands after it, is excused by nothing. Pure.
 */
export function judgeRestores(
  known: readonly KnownCheckpoint[],
  board: BoardLife,
  isHeld: (moment: KnownCheckpoint) => boolean,
): RestoreVerdict {
  const believed: KnownCheckpoint[] = [];
  const ignored = new Set<KnownCheckpoint>();
  const breaks: ChainBreak[] = [];
  known.forEach((moment, index) => {
    if (moment.restored === undefined) return;
    const earlier = believed.flatMap(({ restored }) => (restored === undefined ? [] : [restored.restore]));
    const verdict = judgeRecord(moment.restored, known.slice(0, index), earlier, board);
    if (verdict === null) believed.push(moment);
    else ignored.add(moment);
    if (verdict !== null && verdict !== "not ours")
      breaks.push(faultOf(verdict.code, moment.restored.restore, verdict));
  });
  const last = believed.at(-1);
  const lost = new Map<KnownCheckpoint, Restore>();
  if (last?.restored === undefined || !isHeld(last)) return { lost, believed, ignored, breaks };
  const { restore } = last.restored;
  for (const moment of known.slice(0, known.indexOf(last))) {
    if (moment.checkpoint.instance !== board.instance || ignored.has(moment) || isHeld(moment)) continue;
    if (namesLost(restore, moment.checkpoint)) lost.set(moment, restore);
  }
  return { lost, believed, ignored, breaks };
}

/** A break that says why a restore's record, or its absence, is one. Pure. */
export function faultOf(
  code: RestoreFault,
  { at, backup }: Pick<Restore, "at" | "backup">,
  { expected, found }: Pick<ChainBreak, "expected" | "found">,
): ChainBreak {
  const place = `the restore of ${backup.id} at ${at}`;
  return { chain: "restores", at: place, what: RESTORE_FAULTS[code], expected, found, code };
}

interface Refusal {
  readonly code: RestoreFault;
  readonly expected: string;
  readonly found: string;
}

/** Null: it is believed, as far as it can be without the board's rows. */
function judgeRecord(
  { restore, fault }: NonNullable<KnownCheckpoint["restored"]>,
  before: readonly KnownCheckpoint[],
  earlier: readonly Restore[],
  board: BoardLife,
): Refusal | "not ours" | null {
  const ours = before.filter(({ checkpoint }) => checkpoint.instance === board.instance).map((one) => one.checkpoint);
  const named = ours.filter((checkpoint) => namesLost(restore, checkpoint));
  if (restore.instance !== board.instance || restore.board.instance !== board.instance) {
    if (restore.instance !== board.instance && restore.board.instance !== board.instance && named.length === 0) {
      return "not ours";
    }
    return { code: "RESTORE_FOREIGN", expected: board.instance, found: restore.instance };
  }
  if (earlier.some((one) => isDeepStrictEqual(one, restore))) return "not ours";
  if (fault !== null) return { code: fault, expected: "what elk-os restore wrote", found: "a record by somebody else" };
  const { incarnation } = restore;
  const previous = earlier.at(-1)?.incarnation.after ?? 1;
  const least = Math.max(incarnation.before, restore.backup.incarnation, previous) + 1;
  if (
    incarnation.after < least ||
    incarnation.after > board.incarnation ||
    restore.board.incarnation !== incarnation.after
  ) {
    return {
      code: "RESTORE_INCARNATION",
      expected: `one of ${least} to ${board.incarnation}, which is the board's`,
      found: `${incarnation.after}, with a board of ${restore.board.incarnation}`,
    };
  }
  const kept = named.find((checkpoint) => !mayLose(restore, checkpoint, earlier));
  if (kept === undefined) return null;
  return {
    code: "RESTORE_OVERREACHES",
    expected: `checkpoints that backup ${restore.backup.id} cannot hold`,
    found: `the checkpoint of ${kept.at}, up to event ${kept.last_id}`,
  };
}
