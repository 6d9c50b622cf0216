import { constants } from "node:fs";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { CHAIN_FILE, CHAIN_START, type ChainRecord, digestOf, renderEntry, sealRecord } from "./log-chain.ts";

interface LogEntry {
  readonly title: string;
  readonly body: string;
}

interface LogAppended {
  readonly path: string;
  /** Number and hash of the chain record. */
  readonly n: number;
  readonly hash: string;
  readonly at: string;
}

const LOCK = ".append.lock";
const LOCK_TRIES = 200;
const LOCK_WAIT_MS = 10;

/**
 * Appends an entry to the day's file and chains it. Bytes that somebody else added since the last record are chained first, as
 * found. The text is flushed before its record: a crash between the two leaves bytes that the next append finds.
 * @throws CliError LOCK_HELD when another writer holds the log for two seconds
 */
export async function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  const release = await takeLock(path.join(folder, LOCK));
  try {
    const at = now.toISOString();
    const name = `${at.slice(0, 10)}.md`;
    const chain = await readChain(path.join(folder, CHAIN_FILE));
    const file = await open(path.join(folder, name), constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644);
    try {
      const bytes = await file.readFile();
      const records: ChainRecord[] = [];
      const chained = chain.findLast((record) => record.file === name)?.to ?? 0;
      const add = (from: number, content: Buffer, by: ChainRecord["by"]): void => {
        const last = records.at(-1) ?? chain.at(-1);
        const to = from + content.length;
        const link = { n: (last?.n ?? 0) + 1, prev: last?.hash ?? CHAIN_START };
        records.push(sealRecord({ ...link, at, file: name, from, to, sha256: digestOf(content), by }));
      };
      if (bytes.length > chained) add(chained, bytes.subarray(chained), "found");
      const heading = bytes.length === 0 ? `# ${name.slice(0, 10)}\n` : bytes.at(-1) === 10 ? "" : "\n";
      const text = Buffer.from(heading + renderEntry(now, entry.title, entry.body));
      await file.writeFile(text);
      await file.sync();
      add(Math.max(bytes.length, chained), text, "append");
      await appendRecords(path.join(folder, CHAIN_FILE), records);
      const last = records.at(-1);
      return { path: `log/${name}`, n: last?.n ?? 0, hash: last?.hash ?? CHAIN_START, at };
    } finally {
      await file.close();
    }
  } finally {
    await release();
  }
}

/** The chain's records; a last line that a crash cut short is left out, and overwritten by nothing. */
async function readChain(file: string): Promise<readonly ChainRecord[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").flatMap((line): ChainRecord[] => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch {
      // A torn last line: its bytes in the log are found again and chained by the next append.
      return [];
    }
  });
}

async function appendRecords(file: string, records: readonly ChainRecord[]): Promise<void> {
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    const torn = await endsTorn(handle);
    await handle.writeFile(`${torn ? "\n" : ""}${records.map((record) => `${JSON.stringify(record)}\n`).join("")}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 10;
}

async function takeLock(file: string): Promise<() => Promise<void>> {
  for (let left = LOCK_TRIES; left > 0; left--) {
    try {
      const handle = await open(file, "wx", 0o644);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (await isAbandoned(file)) await rm(file, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
  throw new CliError("LOCK_HELD", {
    message: "Another writer has held the log for two seconds.",
    hint: "Run the command again.",
  });
}

async function isAbandoned(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
