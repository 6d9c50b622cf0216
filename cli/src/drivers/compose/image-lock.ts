import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CliError } from "../../errors/cli-error.ts";
import { ensureDir } from "../../host/files.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import { docker } from "./docker.ts";
import { type Image, imageSchema, judgeImage } from "./judge-image.ts";

const lockSchema = z.record(z.string(), z.strictObject({ id: z.string(), digest: z.string().nullable() }));
type Lock = z.infer<typeof lockSchema>;

const PULL_MS = 30 * 60_000;

export function readLock(path: string): Lock {
  return existsSync(path) ? lockSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : {};
}

/** Takes a reference out of the lock, for one whose image we are about to make: it will have another id. Idempotent. */
export function forgetImage(reference: string, path: string): void {
  const { [reference]: known, ...rest } = readLock(path);
  if (known !== undefined) writeLock(path, rest);
}

function writeLock(path: string, lock: Lock): void {
  // Images may be wanted before there is an instance: for an archive, or to be here when `up` runs.
  ensureDir(dirname(path), { mode: 0o711, owner: null });
  writeFileAtomic(path, `${JSON.stringify(lock, null, 2)}\n`, 0o644);
}

/** The image as the engine holds it; null when it holds none of that name. */
export async function findImage(reference: string, signal: AbortSignal): Promise<Image | null> {
  const { stdout } = await docker(["image", "ls", "--quiet", "--no-trunc", reference], {
    purpose: `The engine was asked for ${reference}`,
    signal,
  });
  const id = stdout.split("\n")[0];
  if (id === undefined || id === "") return null;
  const inspected = await docker(["image", "inspect", id], { purpose: `${reference} could not be read`, signal });
  return z.tuple([imageSchema]).parse(JSON.parse(inspected.stdout))[0];
}

/**
 * Has the image on this machine, of its architecture, and is it the one that was locked at the first pull? Locks it when it is new.
 * True when it was pulled. @throws CliError INSTALL_FAILED (cannot be pulled) or SERVICE_FAILED (another architecture or digest)
 */
export async function ensureImage(
  reference: string,
  lockFile: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const known = await findImage(reference, signal);
  if (known === null) {
    progress(`pulling ${reference}`);
    await docker(["pull", "--quiet", reference], {
      purpose: `The image ${reference} could not be pulled`,
      timeoutMs: PULL_MS,
      signal,
    });
  }
  const image = known ?? (await findImage(reference, signal));
  if (image === null) throw new Error(`The engine pulled ${reference} and does not hold it.`);
  const lock = readLock(lockFile);
  const unfit = judgeImage(reference, image, { locked: lock[reference] ?? null, machine: process.arch });
  if (unfit !== null) throw new CliError("SERVICE_FAILED", unfit);
  if (lock[reference] === undefined) {
    const entry = { id: image.Id, digest: image.RepoDigests?.[0] ?? null };
    writeLock(lockFile, { ...lock, [reference]: entry });
  }
  return known === null;
}
