import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CliError } from "../../errors/cli-error.ts";
import { ensureDir } from "../../host/files.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import { docker } from "./docker.ts";

const lockSchema = z.record(z.string(), z.strictObject({ id: z.string(), digest: z.string().nullable() }));
type Lock = z.infer<typeof lockSchema>;

const imageSchema = z.object({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Architecture: z.string(),
  Os: z.string(),
});
type Image = z.infer<typeof imageSchema>;

/** Node's name of an architecture, as images are labelled. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const PULL_MS = 30 * 60_000;

export function readLock(path: string): Lock {
  return existsSync(path) ? lockSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : {};
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
  assertArchitecture(reference, image);
  const lock = readLock(lockFile);
  const locked = lock[reference];
  if (locked === undefined) {
    const entry = { id: image.Id, digest: image.RepoDigests?.[0] ?? null };
    // Images may be wanted before there is an instance: for an archive, or to be here when `up` runs.
    ensureDir(dirname(lockFile), { mode: 0o711, owner: null });
    writeFileAtomic(lockFile, `${JSON.stringify({ ...lock, [reference]: entry }, null, 2)}\n`, 0o644);
  } else if (locked.id !== image.Id) {
    throw new CliError("SERVICE_FAILED", {
      message: `${reference} is ${image.Id} now; this instance is locked to ${locked.id}.`,
      hint: `Pull the locked image again (${locked.digest ?? "it has no registry digest"}), or delete its line in compose.lock.json to accept the new one.`,
    });
  }
  return known === null;
}

function assertArchitecture(reference: string, { Architecture, Os }: Image): void {
  const wanted = ARCHITECTURES[process.arch];
  if (Os === "linux" && Architecture === wanted) return;
  throw new CliError("SERVICE_FAILED", {
    message: `${reference} is built for ${Os}/${Architecture}; this machine is linux/${wanted}.`,
    hint: `Remove it (docker image rm ${reference}) and run elk-os up again, or set ELK_OS_IMAGE_* to an image for this machine.`,
  });
}
