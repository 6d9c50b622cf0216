import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import type { Answer } from "./board-client.ts";

/** Verbs that may wait. No claims: that at most one agent holds a task cannot be decided without the board. */
export const QUEUEABLE = ["note", "release", "submit", "verdict", "add"] as const;
export type QueueableVerb = (typeof QUEUEABLE)[number];

const kept = z.object({
  op: z.uuid(),
  at: z.string(),
  verb: z.enum(QUEUEABLE),
  args: z.record(z.string(), z.unknown()),
});
const settled = z.object({ settled: z.uuid(), at: z.string(), result: z.string() });
const line = z.union([kept, settled]);

/** An operation that was not delivered, or of which nobody knows whether it was. */
export type KeptOperation = z.infer<typeof kept>;

/** One agent's undelivered operations: an append-only file, each line on disk before the call returns. */
export interface Outbox {
  readonly path: string;
  /** Durable when it returns. */
  keep(operation: { readonly op: string; readonly verb: QueueableVerb; readonly args: Answer }): void;
  /** Marks an operation as answered by the board; it is never sent again. */
  settle(op: string, result: string): void;
  /** What waits, oldest first. @throws CliError OUTBOX_DAMAGED for a line in the middle that was never written so */
  waiting(): readonly KeptOperation[];
}

export function openOutbox(folder: string, agent: string): Outbox {
  const path = join(folder, `${agent}.ndjson`);
  return {
    path,
    keep: (operation) => append(path, { op: operation.op, at: now(), verb: operation.verb, args: operation.args }),
    settle: (op, result) => append(path, { settled: op, at: now(), result }),
    waiting() {
      const lines = readLines(path);
      const done = new Set(lines.flatMap((entry) => ("settled" in entry ? [entry.settled] : [])));
      return lines.flatMap((entry) => ("op" in entry && !done.has(entry.op) ? [entry] : []));
    },
  };
}

const now = () => new Date().toISOString();

function append(path: string, record: object): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const isNew = !existsSync(path);
  // A crash may have torn the last line: the next one must not be written behind it.
  const torn = !isNew && !readFileSync(path, "utf8").endsWith("\n");
  const file = openSync(path, "a", 0o600);
  try {
    writeFileSync(file, `${torn ? "\n" : ""}${JSON.stringify(record)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (!isNew) return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readLines(path: string): readonly z.infer<typeof line>[] {
  if (!existsSync(path)) return [];
  const texts = readFileSync(path, "utf8").split("\n");
  return texts.flatMap((text, at) => {
    if (text === "") return [];
    const record = line.safeParse(parsed(text));
    if (record.success) return [record.data];
    // A line that does not parse as JSON was torn by a crash before its call returned: nobody was told that it is kept.
    if (parsed(text) === undefined) return [];
    throw new CliError("OUTBOX_DAMAGED", {
      message: `Line ${at + 1} of the outbox is no operation.`,
      hint: `Look at ${path}; correct or remove that line, then run the replay again.`,
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
