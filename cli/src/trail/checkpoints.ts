import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, type Heads, headsSchema } from "@muster/board/trail/checkpoint";
import type { KnownCheckpoint } from "@muster/board/trail/restore-record";
import { CliError } from "../errors/cli-error.ts";
import { appendLogIf } from "../memory/append-log.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import { findLastMoment, listMoments, type TrailPlaces } from "./list-moments.ts";

/**
 * Of how many checkpoints the heads are kept: two days of hourly ones. Those of a large board take megabytes, and an older checkpoint still
 * shows by its digest that something was changed; only which chain it was is then not told.
 */
export const HEADS_KEPT = 48;

/** Every checkpoint and restore in the log with its heads, oldest first. */
export function readCheckpoints(places: TrailPlaces): readonly KnownCheckpoint[] {
  return listMoments(places).map(({ isChained: _, ...moment }) => ({
    ...moment,
    heads: readHeads(places.heads, moment.checkpoint),
  }));
}

/**
 * Appends the checkpoint to the log, unless what the log last says of the instance is the same. Answers the log's file, or null.
 * @throws CliError BOARD_UNREACHABLE when the board was restored since it was read
 */
export async function writeCheckpoint(
  places: TrailPlaces,
  checkpoint: Checkpoint,
  heads: Heads,
): Promise<string | null> {
  const appended = await appendLogIf(places.log, () => {
    const last = findLastMoment(places, checkpoint.instance)?.checkpoint;
    if (last !== undefined && last.incarnation > checkpoint.incarnation) throw restoredMeanwhile();
    if (last?.heads === checkpoint.heads && last.receipts.head === checkpoint.receipts.head) return null;
    // Before the log's entry: a checkpoint without its heads would name no chain.
    keepHeads(places.heads, checkpoint, heads);
    return {
      title: "Checkpoint of the board's chains",
      body: `${checkpoint.events} events in ${checkpoint.chains} chains, up to event ${checkpoint.last_id}; ${checkpoint.receipts.count} receipts. \`elk-os events verify\` holds the board to it.\n\n${JSON.stringify(checkpoint)}`,
    };
  });
  if (appended === null) return null;
  dropHeads(places, checkpoint.instance);
  return appended.path;
}

/** Writes the heads behind a checkpoint; those of before stay. */
export function keepHeads(folder: string, { heads: digest }: Checkpoint, heads: Heads): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileAtomic(join(folder, `${digest}.json`), JSON.stringify(heads), 0o600);
}

/** Deletes all heads but those of the newest checkpoints and of every restored board. */
function dropHeads(places: TrailPlaces, instance: string): void {
  const ours = listMoments(places).filter(({ checkpoint }) => checkpoint.instance === instance);
  const restored = ours.filter((moment) => moment.restored !== undefined);
  const newest = ours.filter((moment) => moment.restored === undefined).slice(-HEADS_KEPT);
  const names = new Set([...restored, ...newest].map(({ checkpoint }) => `${checkpoint.heads}.json`));
  // Others' files in the making end otherwise.
  const known = readdirSync(places.heads).filter((name) => name.endsWith(".json"));
  for (const name of known) if (!names.has(name)) rmSync(join(places.heads, name), { force: true });
}

function readHeads(folder: string, { heads }: Checkpoint): Heads | null {
  const file = join(folder, `${heads}.json`);
  if (!existsSync(file)) return null;
  const read = headsSchema.safeParse(parsed(readFileSync(file, "utf8")));
  return read.success ? read.data : null;
}

function restoredMeanwhile(): CliError {
  return new CliError("BOARD_UNREACHABLE", {
    message: "The board that was read is the board no more: it was restored meanwhile.",
    hint: "elk-os events checkpoint",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no heads.
    return undefined;
  }
}
