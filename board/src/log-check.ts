import { CHAIN_FILE, CHAIN_START, type ChainRecord, digestOf, hashRecord, readRecords } from "./log-chain.ts";

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

export interface LogCheck {
  readonly records: number;
  /** Hash of the last record. */
  readonly head: string;
  readonly problems: readonly LogProblem[];
}

/**
 * Recomputes a whole chain. `read` gives the bytes of a file of the log, none when it is not there, and is asked for files that the chain
 * names only: a file from before the chain has no records and no problems. Pure but for `read`.
 */
export function checkLog(chain: string, read: (file: string) => Buffer): LogCheck {
  const { records, tornLines } = readRecords(chain);
  const problems = tornLines.map((line): LogProblem => {
    return { kind: "torn", file: CHAIN_FILE, n: 0, message: `line ${line} is no record` };
  });
  const files = new Map<string, { readonly bytes: Buffer; end: number }>();
  let prev: Pick<ChainRecord, "n" | "hash"> = { n: 0, hash: CHAIN_START };
  for (const record of records) {
    const { n, file, from, to } = record;
    const note = (kind: LogProblem["kind"], message: string) => problems.push({ kind, file, n, message });
    const seen = files.get(file) ?? { bytes: read(file), end: 0 };
    files.set(file, seen);
    if (hashRecord(record) !== record.hash) note("forged", "has not its own hash");
    if (record.prev !== prev.hash || n !== prev.n + 1 || from !== seen.end)
      note("broken", `does not follow record ${prev.n}`);
    seen.end = to;
    if (seen.bytes.length < to) note("cut", `bytes ${from} to ${to} are not all there`);
    else if (digestOf(seen.bytes.subarray(from, to)) !== record.sha256)
      note("edited", `bytes ${from} to ${to} are not those that were written`);
    prev = record;
  }
  for (const [file, { bytes, end }] of files) {
    const extra = bytes.length - end;
    if (extra > 0) problems.push({ kind: "unchained", file, n: 0, message: `${extra} bytes follow the last record` });
  }
  return { records: records.length, head: prev.hash, problems };
}
