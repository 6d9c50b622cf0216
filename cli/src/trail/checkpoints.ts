import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, checkpointSchema, type Heads, headsSchema } from "@muster/board/trail/checkpoint";
import type { KnownCheckpoint } from "@muster/board/trail/verify-trail";
import { appendLog } from "../memory/append-log.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";

/** Where checkpoints lie: the log says what was known, the state folder keeps the heads that name a chain when one is cut. */
export interface CheckpointPlaces {
  readonly log: string;
  readonly heads: string;
}

/**
 * Of how many checkpoints the heads are kept: two days of hourly ones. Those of a large board take megabytes, and an older checkpoint still
 * shows by its digest that something was changed; only which chain it was is then not told.
 */
export const HEADS_KEPT = 48;

/** Every checkpoint in the log with its heads, oldest first. */
export function readCheckpoints({ log, heads }: CheckpointPlaces): readonly KnownCheckpoint[] {
  return listCheckpoints(log).map((checkpoint) => ({ checkpoint, heads: readHeads(heads, checkpoint) }));
}

/** Every checkpoint in the log, oldest first. Lines that are none are left out: the log's own chain says whether they were changed. */
export function listCheckpoints(log: string): readonly Checkpoint[] {
  const days = existsSync(log) ? readdirSync(log).filter((name) => /^\d{4}-\d{2}-\d{2}\.md$/.test(name)) : [];
  return days.sort().flatMap((day) =>
    readFileSync(join(log, day), "utf8")
      .split("\n")
      .filter((line) => line.startsWith('{"muster_checkpoint":'))
      .flatMap((line) => {
        const checkpoint = checkpointSchema.safeParse(parsed(line));
        return checkpoint.success ? [checkpoint.data] : [];
      }),
  );
}

/** Appends the checkpoint to the log, unless the last one of the instance says the same. Answers the log's file, or null. */
export async function writeCheckpoint(
  places: CheckpointPlaces,
  checkpoint: Checkpoint,
  heads: Heads,
): Promise<string | null> {
  const earlier = listCheckpoints(places.log).filter(({ instance }) => instance === checkpoint.instance);
  const last = earlier.at(-1);
  if (last?.heads === checkpoint.heads && last.receipts.head === checkpoint.receipts.head) return null;
  mkdirSync(places.heads, { recursive: true, mode: 0o700 });
  // Before the log's entry: a checkpoint without its heads would name no chain.
  writeFileAtomic(join(places.heads, `${checkpoint.heads}.json`), JSON.stringify(heads), 0o600);
  const { path } = await appendLog(places.log, {
    title: "Checkpoint of the board's chains",
    body: `${checkpoint.events} events in ${checkpoint.chains} chains, up to event ${checkpoint.last_id}; ${checkpoint.receipts.count} receipts. \`elk-os events verify\` holds the board to it.\n\n${JSON.stringify(checkpoint)}`,
  });
  dropHeads(places.heads, [...earlier, checkpoint].slice(-HEADS_KEPT));
  return path;
}

/** Deletes all heads but those of these checkpoints. */
function dropHeads(folder: string, kept: readonly Checkpoint[]): void {
  const names = new Set(kept.map(({ heads }) => `${heads}.json`));
  // Others' files in the making end otherwise.
  const known = readdirSync(folder).filter((name) => name.endsWith(".json"));
  for (const name of known) if (!names.has(name)) rmSync(join(folder, name), { force: true });
}

function readHeads(folder: string, { heads }: Checkpoint): Heads | null {
  const file = join(folder, `${heads}.json`);
  if (!existsSync(file)) return null;
  const read = headsSchema.safeParse(parsed(readFileSync(file, "utf8")));
  return read.success ? read.data : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no checkpoint.
    return undefined;
  }
}
