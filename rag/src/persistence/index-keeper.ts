import { accessSync, constants, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { PassageStore } from "../engine/passage-store.ts";
import { applyChange, type Change, ChangeLog, readChanges } from "./change-log.ts";
import {
  checkGeneration,
  currentGeneration,
  listGenerations,
  readGeneration,
  walPath,
  writeGeneration,
} from "./generation.ts";

/** Keeps an index on disk. The files stay the truth: everything here can be deleted and is made again from them. */
export interface IndexKeeper {
  /** Number of the current generation; 0 when none has been written. */
  readonly generation: number;
  /** What had to be left behind at this start, oldest first; empty after a sound start. */
  readonly recoveries: readonly string[];
  /** True from the first write after a start that left something behind. */
  readonly isSound: boolean;
  /** Why the last write failed, or why the next one would: looked up at each call. null when neither. The index goes on in memory. */
  readonly failure: string | null;
  /** True when a generation is due and the store has dead passages: a copy without them is to be handed to `renew`. What changed is not in the log till then. */
  readonly wantsCompaction: boolean;
  /** Logs changes, or writes a new generation where that is due and the store has no dead passage. Never throws. */
  keep(changes: readonly Change[], store: PassageStore): void;
  /** Writes the store, which has no dead passage, as a new generation, whatever changed. Never throws. */
  renew(store: PassageStore): void;
  /** Reads what is kept again and names what is not as its digests say; empty when it is sound. Changes nothing. */
  verify(): readonly string[];
  close(): void;
}

/** Past this the changes are folded into a new generation. */
const MAX_LOG_BYTES = 8_000_000;
/** More changes at once are a first index or a move: one generation is cheaper than so many lines. */
const MAX_CHANGES = 200;

/** Opens the newest sound index below `folder`: the current generation with its changes, else the one before, else an empty one. */
export function openIndexKeeper(folder: string): { readonly keeper: IndexKeeper; readonly store: PassageStore } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".draft") || name.endsWith(".tmp"))
      rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  const recoveries: string[] = [];
  const { store, generation, replayed } = loadNewest(folder, recoveries);
  let current = generation;
  let failure: string | null = null;
  let isSound = recoveries.length === 0;
  let wantsCompaction = false;
  let isClosed = false;
  let log = openLog(folder, current, replayed);

  const startGeneration = (from: PassageStore): void => {
    wantsCompaction = from.lexical.dead > 0;
    if (wantsCompaction) return;
    const next = Math.max(current, ...listGenerations(folder), 0) + 1;
    writeGeneration(folder, next, from);
    log?.close();
    current = next;
    isSound = true;
    log = openLog(folder, next, 0);
    failure = null;
  };

  const keeper: IndexKeeper = {
    get generation() {
      return current;
    },
    get isSound() {
      return isSound;
    },
    get failure() {
      return failure ?? findObstacle(folder);
    },
    get wantsCompaction() {
      return wantsCompaction;
    },
    recoveries,
    keep(changes, now) {
      // A copy that is made while the process ends comes too late: the folder is another's then.
      if (isClosed || (changes.length === 0 && isSound && failure === null && !wantsCompaction)) return;
      try {
        const isDue = !isSound || failure !== null || wantsCompaction || changes.length > MAX_CHANGES;
        if (isDue || log === null || log.bytes > MAX_LOG_BYTES) startGeneration(now);
        else log.append(changes);
      } catch (error) {
        failure = describe(error);
      }
    },
    renew(store) {
      if (isClosed) return;
      try {
        startGeneration(store);
      } catch (error) {
        failure = describe(error);
      }
    },
    verify() {
      if (current === 0) return ["no generation has been written yet"];
      const { torn, soundBytes } = readChanges(walPath(folder, current));
      return [
        ...(currentGeneration(folder) === current ? [] : [`CURRENT does not name generation ${current}`]),
        ...checkGeneration(folder, current),
        ...(torn || soundBytes !== (log?.bytes ?? 0) ? [`the change log of generation ${current} is damaged`] : []),
      ];
    },
    close() {
      isClosed = true;
      log?.close();
    },
  };
  return { keeper, store };
}

/** Why nothing can be written below the folder now; null when nothing speaks against it. A mount that became read-only is refused to root, too. */
function findObstacle(folder: string): string | null {
  try {
    // The slash asks for a folder: a file that took its name is none.
    accessSync(`${folder}/`, constants.W_OK);
    return null;
  } catch (error) {
    return describe(error);
  }
}

/** No generation, no log: the first write makes both. */
function openLog(folder: string, generation: number, soundBytes: number): ChangeLog | null {
  return generation === 0 ? null : new ChangeLog(walPath(folder, generation), soundBytes);
}

function loadNewest(
  folder: string,
  recoveries: string[],
): { readonly store: PassageStore; readonly generation: number; readonly replayed: number } {
  const current = currentGeneration(folder);
  const all = listGenerations(folder);
  if (all.length > 0 && current === null) recoveries.push("CURRENT was missing or damaged");
  // A generation newer than CURRENT was renamed but never made current: whole, but not yet the truth.
  const candidates = current === null ? all : [current, ...all.filter((one) => one < current)];
  for (const generation of candidates) {
    try {
      const store = readGeneration(folder, generation);
      const { changes, soundBytes, torn } = readChanges(walPath(folder, generation));
      for (const change of changes) applyChange(store, change);
      if (torn) recoveries.push(`the change log of generation ${generation} had a torn end`);
      return { store, generation, replayed: soundBytes };
    } catch (error) {
      recoveries.push(describe(error).slice(0, 300));
    }
  }
  return { store: new PassageStore(), generation: 0, replayed: 0 };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
