import { z } from "zod";
import { CliError } from "../../errors/cli-error.ts";
import { docker } from "./docker.ts";
import { type Image, imageSchema, judgeImage, unfitPlatform } from "./judge-image.ts";
import { type LockEntry, lockedOn, readLockFile, writeLockFile } from "./lock-file.ts";
import { PLATFORMS, platformOf } from "./platforms.ts";
import { askRegistry, readIndex, readPlatforms } from "./registry-manifests.ts";

const PULL_MS = 30 * 60_000;

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
 * Has the image on this machine, of its architecture, and is it the one that was locked at the first pull, here or on a machine of another architecture?
 * Locks it when it is new. True when it was pulled. @throws CliError INSTALL_FAILED (cannot be pulled) or SERVICE_FAILED (another architecture or digest)
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
    await pull(reference, signal);
  }
  const image = known ?? (await findImage(reference, signal));
  if (image === null) throw new Error(`The engine pulled ${reference} and does not hold it.`);
  const lock = readLockFile(lockFile);
  const entry = lock[reference];
  const here = platformOf(process.arch);
  const locked = entry === undefined ? null : lockedOn(entry, here);
  const unfit = judgeImage(reference, image, { locked, machine: process.arch });
  if (unfit !== null) throw new CliError("SERVICE_FAILED", unfit);
  if (entry?.platforms[here]?.id !== image.Id)
    writeLockFile(lockFile, { ...lock, [reference]: await lockImage(reference, image, entry, signal) });
  return known === null;
}

/** Says which architectures there are, where the registry has none for this machine: an engine names only its own. */
async function pull(reference: string, signal: AbortSignal): Promise<void> {
  try {
    await docker(["pull", "--quiet", reference], {
      purpose: `The image ${reference} could not be pulled`,
      timeoutMs: PULL_MS,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const text = await askRegistry(reference, signal);
    const platforms = text === null ? null : readIndex(text);
    if (platforms === null || platformOf(process.arch) in platforms) throw error;
    throw new CliError("SERVICE_FAILED", {
      ...unfitPlatform(reference, Object.keys(platforms), process.arch),
      cause: error,
    });
  }
}

/** The entry of an image that may run here; what is known of other platforms stays. @throws CliError SERVICE_FAILED */
async function lockImage(
  reference: string,
  { Id, RepoDigests }: Image,
  before: LockEntry | undefined,
  signal: AbortSignal,
): Promise<LockEntry> {
  const here = platformOf(process.arch);
  if (before !== undefined) {
    const manifest = before.platforms[here]?.manifest ?? null;
    return { ...before, platforms: { ...before.platforms, [here]: { id: Id, manifest } } };
  }
  const unknown = Object.fromEntries(PLATFORMS.map((platform) => [platform, null]));
  const repository = `${reference.replace(/:[^:/]*$/, "")}@`;
  const digest = RepoDigests?.find((name) => name.startsWith(repository)) ?? RepoDigests?.[0] ?? null;
  const platforms = digest === null ? null : await readPlatforms(digest, PLATFORMS, signal);
  const named = platforms?.[here];
  const isNamed =
    named === undefined || named === null || [named.id, named.manifest].includes(Id) || digest?.endsWith(`@${Id}`);
  if (platforms !== null && (named === undefined || isNamed !== true))
    throw new CliError("SERVICE_FAILED", {
      message: `The engine holds ${Id} as ${reference}; for ${here} the index ${digest} names ${named?.id ?? "no image"}.`,
      hint: `Remove it (docker image rm ${reference}) and run elk-os up again.`,
    });
  return {
    digest,
    platforms: { ...(platforms ?? unknown), [here]: { id: Id, manifest: named?.manifest ?? null } },
  };
}
