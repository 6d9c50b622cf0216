import { existsSync, readFileSync } from "node:fs";
import { GENESIS, hashLine, type JournalRecord, journalRecordSchema } from "./record.ts";

export interface JournalReading {
  readonly records: readonly JournalRecord[];
  /** Hash that the next record must carry as `prev`. */
  readonly head: string;
  /** Bytes of sound lines; what follows is a torn last write. */
  readonly soundBytes: number;
  /** Text after the last newline: a write that a crash cut off. Null when there is none. */
  readonly torn: string | null;
  /** The first fault that a crash cannot explain (1-based line), or null. */
  readonly fault: { readonly line: number; readonly reason: string } | null;
}

/** Reads and proves the chain. A torn last line is a fact, not a fault; anything else that does not fit is one. */
export function readJournal(path: string): JournalReading {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = text.split("\n");
  const torn = lines.pop() ?? "";
  const records: JournalRecord[] = [];
  let head = GENESIS;
  let fault: JournalReading["fault"] = null;
  for (const [index, line] of lines.entries()) {
    const parsed = journalRecordSchema.safeParse(parseLine(line));
    const reason = !parsed.success
      ? "is not a journal record"
      : parsed.data.prev !== head
        ? "does not continue the hash chain"
        : parsed.data.seq !== index + 1
          ? "is out of sequence"
          : null;
    if (reason !== null || !parsed.success) {
      fault = { line: index + 1, reason: reason ?? "is not a journal record" };
      break;
    }
    records.push(parsed.data);
    head = hashLine(line);
  }
  const soundBytes = Buffer.byteLength(text) - Buffer.byteLength(torn);
  return { records, head, soundBytes, torn: torn === "" ? null : torn, fault };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses undefined with the same fault as any other stranger.
    return undefined;
  }
}
