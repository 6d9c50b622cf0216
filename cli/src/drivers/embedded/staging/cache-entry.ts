/**
 * One folder in the cache, built once and never changed. It is built in a temporary sibling, flushed to disk, and
 * renamed; so a folder under its final name is whole, whenever the builder died. Several instances share a cache.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CliError } from "../../../errors/cli-error.ts";
import { ensureDir } from "../../../host/files.ts";
import { currentBootId, isAlive, nameProcess } from "../../../host/process-table.ts";
import { runCommand } from "../../../host/run.ts";
import { currentIdentity } from "../../../host/users.ts";
import { waitUntil } from "../../../host/wait.ts";
import type { Progress } from "../../driver.ts";

export interface CacheEntry {
  /** Folder name without its key: "postgres-18.4.0". */
  readonly name: string;
  /** Digest of everything the content depends on (hex); another key is another folder. */
  readonly key: string;
  /** Relative files that a whole entry holds. */
  readonly proof: readonly string[];
  /** RAM in MiB without which it is not built; left out where it is copied or installed. */
  readonly buildMemoryMb?: number;
  readonly build: (folder: string, progress: Progress, signal: AbortSignal) => Promise<void>;
}

const MARKER = ".elk-os-complete";
const KEY_DIGITS = 12;
const OTHER_BUILDER_POLL_MS = 500;
/** The slowest build is the Directus install: four minutes on two cores with a cold npm cache. */
const OTHER_BUILDER_WAIT_MS = 20 * 60_000;
const FINISH_TIMEOUT_MS = 120_000;

export function entryPath(cacheDir: string, entry: Pick<CacheEntry, "name" | "key">): string {
  return join(cacheDir, `${entry.name}-${entry.key.slice(0, KEY_DIGITS)}`);
}

/** True when the entry is whole and was built by root or by this user. */
export function isComplete(cacheDir: string, entry: CacheEntry): boolean {
  const path = entryPath(cacheDir, entry);
  if (!existsSync(join(path, MARKER))) return false;
  const builder = lstatSync(path).uid;
  if (builder !== 0 && builder !== currentIdentity().uid) return false;
  return (
    readFileSync(join(path, MARKER), "utf8").trim() === entry.key &&
    entry.proof.every((file) => existsSync(join(path, file)))
  );
}

/** Builds the entry when it is not there whole. True when it was built. Idempotent; safe to run in parallel. */
export async function ensureEntry(
  cacheDir: string,
  entry: CacheEntry,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  if (isComplete(cacheDir, entry)) return false;
  if (!existsSync(cacheDir)) ensureDir(cacheDir, { mode: 0o711, owner: null });
  const final = entryPath(cacheDir, entry);
  await settleOtherBuilders(cacheDir, final, entry, progress, signal);
  if (isComplete(cacheDir, entry)) return false;

  const temporary = `${final}.${builderName()}.tmp`;
  mkdirSync(temporary, { mode: 0o755 });
  try {
    await entry.build(temporary, progress, signal);
    assertProof(temporary, entry);
    writeFileSync(join(temporary, MARKER), `${entry.key}\n`);
    await finish(temporary, signal);
    // Another began in the same moment and was faster: what it made is in use already.
    if (isComplete(cacheDir, entry)) {
      rmSync(temporary, { recursive: true, force: true });
      return false;
    }
    rmSync(final, { recursive: true, force: true });
    renameSync(temporary, final);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return true;
}

function assertProof(folder: string, entry: CacheEntry): void {
  const missing = entry.proof.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return;
  throw new CliError("INSTALL_FAILED", {
    message: `${entry.name} was built, but these files are missing: ${missing.join(", ")}.`,
    hint: "Run `elk-os up` again; if it fails the same way, the checkout is damaged.",
  });
}

/** Readable for the service user, and on the disk before the rename is. */
async function finish(folder: string, signal: AbortSignal): Promise<void> {
  const options = { purpose: "The staged files could not be finished", timeoutMs: FINISH_TIMEOUT_MS, signal };
  await runCommand(["chmod", "-R", "u+rwX,go+rX,go-w", folder], options);
  await runCommand(["sync", "-f", folder], options);
}

/** Waits for a live builder of the same entry and clears away what dead ones left. */
async function settleOtherBuilders(
  cacheDir: string,
  final: string,
  entry: CacheEntry,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(
    () => {
      const folders = siblings(cacheDir, final);
      const live = folders.filter(hasLiveBuilder);
      for (const folder of folders) if (!live.includes(folder)) rmSync(folder, { recursive: true, force: true });
      if (live.length > 0) progress(`another elk-os builds ${entry.name}: waiting for it`);
      return live.length === 0;
    },
    { timeoutMs: OTHER_BUILDER_WAIT_MS, intervalMs: OTHER_BUILDER_POLL_MS, signal },
  );
}

function siblings(cacheDir: string, final: string): readonly string[] {
  return readdirSync(cacheDir)
    .map((name) => join(cacheDir, name))
    .filter((path) => path.startsWith(`${final}.`) && path.endsWith(".tmp"));
}

/** Part of the temporary name, so that a builder is known from the first moment: "<pid>-<start ticks>". */
function builderName(): string {
  return `${process.pid}-${nameProcess(process.pid)?.startTicks ?? 0}`;
}

function hasLiveBuilder(folder: string): boolean {
  const [, pid, startTicks] = /\.(\d+)-(\d+)\.tmp$/.exec(folder) ?? [];
  if (pid === undefined || Number(pid) === process.pid) return false;
  return isAlive({ pid: Number(pid), startTicks: Number(startTicks), bootId: currentBootId() });
}
