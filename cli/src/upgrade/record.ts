import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";

/** What comes next. Written before the step is begun, so that a killed run goes on at the step that the record names. */
export const UPGRADE_STEPS = ["pull", "backup", "switch", "up", "rollback", "done", "rolled-back"] as const;

const side = z.object({ commit: z.string(), version: z.string() });

/** What a rollback must compare with: the newest migration of ours and of Directus, and the newest event. */
export const standingSchema = z.object({ migration: z.int(), directus: z.string(), event: z.string() });
export type BoardStanding = z.infer<typeof standingSchema>;

/** Two releases read it: what the newer one adds means nothing to the one of before, which undoes what it knows of. */
const recordSchema = z.object({
  schema: z.literal("muster.upgrade/1"),
  step: z.enum(UPGRADE_STEPS),
  from: side.extend({
    /** Branch to check out when it goes back, or the commit where none was checked out. */
    ref: z.string(),
  }),
  to: side,
  startedAt: z.iso.datetime(),
  /** The verified backup of before, once it is made. */
  backup: z.string().nullable(),
  /** Where the board stood when it was made. */
  before: standingSchema.nullable(),
  /** Why it goes back. */
  why: z.string().nullable(),
  /** Written before the backup takes the board's place: the name that the replaced database gets, and the events that only it has then. */
  undo: z.object({ kept: z.string(), lostEvents: z.int() }).nullable(),
});
export type UpgradeRecord = z.infer<typeof recordSchema>;

export function isUnfinished({ step }: UpgradeRecord): boolean {
  return step !== "done" && step !== "rolled-back";
}

/** The last upgrade of this instance; null when there was none. @throws CliError STATE_UNREADABLE */
export function findRecord({ paths }: Pick<Stack, "paths">): UpgradeRecord | null {
  if (!existsSync(paths.upgrade)) return null;
  const parsed = recordSchema.safeParse(parseJson(readFileSync(paths.upgrade, "utf8")));
  if (parsed.success) return parsed.data;
  throw new CliError("STATE_UNREADABLE", {
    message: `${paths.upgrade} is damaged: it says neither which upgrade ran nor how far it came.`,
    hint: "Check out the release that shall run, move the file aside, and run elk-os up.",
  });
}

export function writeRecord({ paths }: Pick<Stack, "paths">, record: UpgradeRecord): void {
  writeFileAtomic(paths.upgrade, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fails the schema.
    return undefined;
  }
}
