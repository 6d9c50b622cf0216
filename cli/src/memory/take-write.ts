import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { appendLog } from "./append-log.ts";
import { writeMemory } from "./memory-folder.ts";
import { type WaitingWrite, writeSchema } from "./waiting-writes.ts";

/** What became of a write, in the words of `POST /writes/outcomes`. */
export type Outcome =
  | { readonly id: string; readonly outcome: "taken"; readonly path: string }
  | { readonly id: string; readonly outcome: "refused"; readonly code: string; readonly message: string };

/**
 * Writes what waits into the checkout, by what `elk-os memory` and `elk-os log` write with. The same write twice is there once: a memory by its text, an entry
 * by the id that it ends with, so a run that was killed before it could answer is run again.
 * @throws CliError LOCK_HELD; errors of the file system: the write goes on waiting
 */
export async function takeWrite(checkout: string, { id, at, write: given }: WaitingWrite): Promise<Outcome> {
  const parsed = writeSchema.safeParse(given);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => issue.path.join(".") || "the whole").join(", ");
    return { id, outcome: "refused", code: "USAGE_INVALID", message: `It is no write of memory or log: ${where}.` };
  }
  const write = parsed.data;
  if (write.kind === "log") {
    const folder = join(checkout, "log");
    const path =
      findEntry(folder, id, at) ?? (await appendLog(folder, { ...write, body: signed(write.body, id, at) })).path;
    return { id, outcome: "taken", path };
  }
  const { path, if_match, ...draft } = write;
  try {
    await writeMemory(join(checkout, "memory"), path.slice("memory/".length), draft, if_match);
    return { id, outcome: "taken", path };
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "DESTRUCTIVE_REFUSED") throw error;
    return { id, outcome: "refused", code: error.code, message: error.message };
  }
}

/** The entry stands in the log at the time when it was taken in; this says when it was sent. */
function signed(body: string, id: string, at: string): string {
  return `${body.trim()}\n\n${signature(id, at)}`.trim();
}

function signature(id: string, at: string): string {
  return `(sent to search ${at}, ${id})`;
}

/** The day's file that holds the entry already. It was appended on the day it was sent, or later. */
function findEntry(folder: string, id: string, at: string): string | null {
  if (!existsSync(folder)) return null;
  const first = `${at.slice(0, 10)}.md`;
  const days = readdirSync(folder).filter((name) => /^\d{4}-\d{2}-\d{2}\.md$/.test(name) && name >= first);
  const day = days.find((name) => readFileSync(join(folder, name), "utf8").includes(signature(id, at)));
  return day === undefined ? null : `log/${day}`;
}
