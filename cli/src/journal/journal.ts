import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { readJournal } from "./read-journal.ts";
import { hashLine, type JournalEntry, type JournalRecord } from "./record.ts";

/** An append-only, fsynced, hash-chained list of what the phase machine did. */
export interface Journal {
  readonly records: readonly JournalRecord[];
  /** Durable when it returns; when it throws (disk full), nothing was appended. */
  append(entry: JournalEntry): JournalRecord;
  /** The records of a step, oldest first. */
  history(step: string): readonly JournalRecord[];
  close(): void;
}

/**
 * Opens the journal for writing; the caller holds the lock. A torn last line is kept aside as
 * `journal.jsonl.torn-<ms>` and cut off.
 * @throws CliError JOURNAL_BROKEN when a line in the middle is not what was written.
 */
export function openJournal(path: string): Journal {
  const reading = readJournal(path);
  if (reading.fault !== null) {
    throw new CliError("JOURNAL_BROKEN", {
      message: `Line ${reading.fault.line} of the journal ${reading.fault.reason}; it was changed by hand or by a fault of the disk.`,
      hint: `Move ${path} aside and run \`elk-os up\`: each phase is proven by its checks and adopted anew.`,
      facts: { line: reading.fault.line },
    });
  }
  if (reading.torn !== null) {
    writeFileSync(`${path}.torn-${Date.now()}`, reading.torn, { mode: 0o600 });
    truncateSync(path, reading.soundBytes);
  }
  const isNew = !existsSync(path);
  const file = openSync(path, "a", 0o600);
  if (isNew) syncFolder(dirname(path));
  const records = [...reading.records];
  let head = reading.head;
  return {
    records,
    append(entry) {
      const record: JournalRecord = {
        v: 1,
        seq: records.length + 1,
        at: new Date().toISOString(),
        ...entry,
        prev: head,
      };
      const line = JSON.stringify(record);
      appendDurably(file, `${line}\n`);
      head = hashLine(line);
      records.push(record);
      return record;
    },
    history: (step) => records.filter((record) => record.step === step),
    close: () => closeSync(file),
  };
}

/** Moves the journal out of the way (used by `reset`); a healthy stack is adopted again without it. */
export function retireJournal(path: string): void {
  if (existsSync(path)) renameSync(path, `${path}.retired-${Date.now()}`);
}

/** A write that the disk cuts short is taken back, or the next record would continue its half line. */
function appendDurably(file: number, text: string): void {
  const { size } = fstatSync(file);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
