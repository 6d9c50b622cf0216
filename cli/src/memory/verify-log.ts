import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { CHAIN_FILE, CHAIN_START, type ChainRecord, digestOf, sealRecord } from "./log-chain.ts";

/**
 * What is wrong with a log. `edited`: bytes differ from their record. `cut`: bytes are gone. `broken`: a record does not follow the one
 * before. `forged`: a record does not have its own hash. `torn`: a line that is no record, as a crash leaves it. `unchained`: text that
 * was added by hand since the last record; the next append chains it.
 */
export interface LogProblem {
  readonly kind: "edited" | "cut" | "broken" | "forged" | "torn" | "unchained";
  readonly file: string;
  /** Number of the record; 0 when it has none. */
  readonly n: number;
  readonly message: string;
}

const recordSchema = z.object({
  n: z.int(),
  at: z.string(),
  file: z.string().regex(/^[\w.-]+\.md$/),
  from: z.int(),
  to: z.int(),
  sha256: z.string(),
  by: z.enum(["append", "found"]),
  prev: z.string(),
  hash: z.string(),
});

/** Recomputes the whole chain from the files. Reads only. A log without a chain has no records and no problems. */
export async function verifyLog(
  folder: string,
): Promise<{ readonly records: number; readonly head: string; readonly problems: readonly LogProblem[] }> {
  const text = await readFile(path.join(folder, CHAIN_FILE), "utf8").catch(() => "");
  const problems: LogProblem[] = [];
  const records: ChainRecord[] = [];
  text.split("\n").forEach((line, index) => {
    if (line === "") return;
    const record = parseRecord(line);
    if (record !== null) records.push(record);
    else problems.push({ kind: "torn", file: CHAIN_FILE, n: 0, message: `line ${index + 1} is no record` });
  });
  let prev: { readonly n: number; readonly hash: string } = { n: 0, hash: CHAIN_START };
  const files = new Map<string, Buffer>();
  const ends = new Map<string, number>();
  for (const record of records) {
    const { n, file, from, to } = record;
    if (sealRecord(record).hash !== record.hash)
      problems.push({ kind: "forged", file, n, message: "has not its own hash" });
    if (record.prev !== prev.hash || n !== prev.n + 1 || from !== (ends.get(file) ?? 0)) {
      problems.push({ kind: "broken", file, n, message: `does not follow record ${prev.n}` });
    }
    const bytes = files.get(file) ?? (await readFile(path.join(folder, file)).catch(() => Buffer.alloc(0)));
    files.set(file, bytes);
    ends.set(file, to);
    if (bytes.length < to) problems.push({ kind: "cut", file, n, message: `bytes ${from} to ${to} are not all there` });
    else if (digestOf(bytes.subarray(from, to)) !== record.sha256) {
      problems.push({ kind: "edited", file, n, message: `bytes ${from} to ${to} are not those that were written` });
    }
    prev = record;
  }
  if (records.length > 0) problems.push(...(await findUnchained(folder, ends)));
  return { records: records.length, head: prev.hash, problems };
}

/** Text past the last record of a file that has one. Files from before the chain have none and are left alone. */
async function findUnchained(folder: string, ends: ReadonlyMap<string, number>): Promise<readonly LogProblem[]> {
  const names = (await readdir(folder)).filter((name) => ends.has(name));
  const found = await Promise.all(
    names.map(async (file): Promise<LogProblem[]> => {
      const { length } = await readFile(path.join(folder, file));
      const end = ends.get(file) ?? 0;
      return length > end
        ? [{ kind: "unchained", file, n: 0, message: `${length - end} bytes follow the last record` }]
        : [];
    }),
  );
  return found.flat();
}

function parseRecord(line: string): ChainRecord | null {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    // Not JSON, or not a record: reported by its line.
    return null;
  }
}
