/** compose.lock.json: by reference, what was found under it when it was first pulled or built, for each platform. */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { ensureDir } from "../../host/files.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import type { LockedImage } from "./judge-image.ts";
import { PLATFORMS, platformOf } from "./platforms.ts";

const platformSchema = z.strictObject({
  /** As an engine of that platform knows it. */
  id: z.string(),
  /** Of its manifest in the registry; null for what no registry gave, or for an image that is in no index. */
  manifest: z.string().nullable(),
});
const entrySchema = z.strictObject({
  /** "repository@sha256:…" of the index, or of the image where there is none; null for what no registry gave. */
  digest: z.string().nullable(),
  /** By "linux/arm64": null where nobody could say what is under the digest for it. A platform that is not there has no image in the index. */
  platforms: z.record(z.string(), platformSchema.nullable()),
});
export type LockEntry = z.infer<typeof entrySchema>;

/** As it was before it knew of platforms, of which the machine that made it was one. */
const formerSchema = z.strictObject({ id: z.string(), digest: z.string().nullable() }).transform(
  ({ id, digest }): LockEntry => ({
    digest,
    platforms: Object.fromEntries(
      PLATFORMS.map((platform) => [platform, platform === platformOf(process.arch) ? { id, manifest: null } : null]),
    ),
  }),
);
const lockSchema = z.record(z.string(), z.union([entrySchema, formerSchema]));
type LockFile = Readonly<Record<string, LockEntry>>;

export function readLockFile(path: string): LockFile {
  return existsSync(path) ? lockSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : {};
}

export function writeLockFile(path: string, lock: LockFile): void {
  // Images may be wanted before there is an instance: for an archive, or to be here when `up` runs.
  ensureDir(dirname(path), { mode: 0o711, owner: null });
  writeFileAtomic(path, `${JSON.stringify(lock, null, 2)}\n`, 0o644);
}

/** What an entry says for one platform; "absent": its index has none. Pure. */
export function lockedOn(entry: LockEntry, platform: string): LockedImage | "absent" {
  const image = entry.platforms[platform];
  if (image === undefined) return "absent";
  return { digest: entry.digest, id: image?.id ?? null, manifest: image?.manifest ?? null };
}

/** By reference, the id that it is locked to on this machine; null where it is not known yet. */
export function readLock(path: string): Readonly<Record<string, { readonly id: string | null }>> {
  return Object.fromEntries(
    Object.entries(readLockFile(path)).map(([reference, { platforms }]) => [
      reference,
      { id: platforms[platformOf(process.arch)]?.id ?? null },
    ]),
  );
}

/** Takes a reference out of the lock, for one whose image we are about to make: it will have another id. Idempotent. */
export function forgetImage(reference: string, path: string): void {
  const { [reference]: known, ...rest } = readLockFile(path);
  if (known !== undefined) writeLockFile(path, rest);
}
