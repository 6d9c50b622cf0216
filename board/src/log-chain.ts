import { createHash } from "node:crypto";
import { z } from "zod";

/** Name of the chain file in the log folder. It is no Markdown, so it is not searched. */
export const CHAIN_FILE = "chain.jsonl";

/** What the first record follows. */
export const CHAIN_START = "0".repeat(64);

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

/**
 * One line of the chain: these bytes of this file had this digest. `by` says whether the writer appended them or found them there,
 * written by hand or before the chain began.
 */
export type ChainRecord = Readonly<z.infer<typeof recordSchema>>;

export interface LogEntry {
  /** One line. */
  readonly title: string;
  readonly body: string;
}

export interface LogAppended {
  readonly path: string;
  /** Number and hash of the chain record. */
  readonly n: number;
  readonly hash: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What an append writes, in this order: the text is flushed first, so that a crash between leaves bytes that the next append finds. */
export interface LogPlan {
  /** Goes to the end of the day's file. */
  readonly text: Buffer;
  /** Goes to the end of the chain file. */
  readonly records: string;
  readonly appended: LogAppended;
}

/** Name of the file that takes the entries of this moment's day: `2026-11-22.md`. */
export function dayFileOf(now: Date): string {
  return `${now.toISOString().slice(0, 10)}.md`;
}

/**
 * Plans an append from what stands in the day's file and in the chain. Bytes that somebody else added since the last record are chained
 * first, as found. Pure.
 */
export function planAppend(entry: LogEntry, now: Date, day: Buffer, chain: string): LogPlan {
  const at = now.toISOString();
  const file = dayFileOf(now);
  const known = readRecords(chain).records;
  const chained = known.findLast((record) => record.file === file)?.to ?? 0;
  const heading = day.length === 0 ? `# ${file.slice(0, 10)}\n` : day.at(-1) === 10 ? "" : "\n";
  const text = Buffer.from(heading + renderEntry(now, entry));
  const found = day.subarray(chained);
  const foundRecord = found.length === 0 ? null : follow(known.at(-1), { at, file, from: chained, by: "found" }, found);
  const last = foundRecord ?? known.at(-1);
  const record = follow(last, { at, file, from: Math.max(day.length, chained), by: "append" }, text);
  const lines = [...(foundRecord === null ? [] : [foundRecord]), record].map((one) => `${JSON.stringify(one)}\n`);
  // A chain that ends without a line end was cut by a crash: what is left of that line stays, on a line of its own.
  const torn = chain !== "" && !chain.endsWith("\n");
  return {
    text,
    records: `${torn ? "\n" : ""}${lines.join("")}`,
    appended: { path: `log/${file}`, n: record.n, hash: record.hash, at },
  };
}

/** The records of a chain file, and the numbers (from 1) of lines that are none, as a crash leaves them. Pure. */
export function readRecords(chain: string): {
  readonly records: readonly ChainRecord[];
  readonly tornLines: readonly number[];
} {
  const records: ChainRecord[] = [];
  const tornLines: number[] = [];
  chain.split("\n").forEach((line, index) => {
    if (line === "") return;
    const record = parseRecord(line);
    if (record === null) tornLines.push(index + 1);
    else records.push(record);
  });
  return { records, tornLines };
}

/** The hash that a record must have: over all its other fields, in this order. Pure. */
export function hashRecord({ n, at, file, from, to, sha256, by, prev }: Omit<ChainRecord, "hash">): string {
  return digestOf(Buffer.from(JSON.stringify([n, at, file, from, to, sha256, by, prev])));
}

/** Hex sha256. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function follow(
  prev: ChainRecord | undefined,
  { at, file, from, by }: Pick<ChainRecord, "at" | "file" | "from" | "by">,
  bytes: Buffer,
): ChainRecord {
  const facts = { n: (prev?.n ?? 0) + 1, at, file, from, to: from + bytes.length, sha256: digestOf(bytes), by };
  const open = { ...facts, prev: prev?.hash ?? CHAIN_START };
  return { ...open, hash: hashRecord(open) };
}

/** A time, a title, and a text in which no line can be taken for another entry. */
function renderEntry(at: Date, { title, body }: LogEntry): string {
  const text = body.trim().replace(/^#{1,2} /gm, "### ");
  const head = `\n## ${at.toISOString().slice(11, 16)} ${title.trim().replace(/\s+/g, " ")}\n`;
  return text === "" ? head : `${head}\n${text}\n`;
}

function parseRecord(line: string): ChainRecord | null {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    // Not JSON, or not a record: the caller learns its line.
    return null;
  }
}
