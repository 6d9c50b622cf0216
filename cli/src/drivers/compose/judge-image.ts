import { z } from "zod";
import { platformOf } from "./platforms.ts";

/** An image as the engine inspects it. */
export const imageSchema = z.object({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Architecture: z.string(),
  Os: z.string(),
});
export type Image = z.infer<typeof imageSchema>;

/** What a reference is locked to on one platform. */
export interface LockedImage {
  /** By which an engine of that platform knows the image; null where it was locked on another and no registry said what it is here. */
  readonly id: string | null;
  /** Digest of its manifest in the registry, which some engines take for the id; null for what no registry gave. */
  readonly manifest: string | null;
  /** "repository@sha256:…" of what was pulled, for every platform; null for what no registry gave. */
  readonly digest: string | null;
}

export interface Unfit {
  readonly message: string;
  readonly hint: string;
}

/**
 * Why an image may not be run here; null: it may. `machine` is Node's name of this machine's architecture, `locked` what this instance is locked to,
 * null before the first pull, "absent" when its index has no image for this platform. Pure.
 */
export function judgeImage(
  reference: string,
  { Id, RepoDigests, Os, Architecture }: Image,
  { locked, machine }: { readonly locked: LockedImage | "absent" | null; readonly machine: string },
): Unfit | null {
  const wanted = platformOf(machine);
  if (`${Os}/${Architecture}` !== wanted) return unfitPlatform(reference, [`${Os}/${Architecture}`], machine);
  if (locked === null) return null;
  if (locked === "absent")
    return {
      message: `${reference} is locked to an index that has no image for ${wanted}.`,
      hint: "Delete its line in compose.lock.json to accept another one.",
    };
  const digests = (RepoDigests ?? []).map(digestIn);
  const known = [locked.id, locked.manifest, locked.digest === null ? null : digestIn(locked.digest)];
  // Where nobody knows the image of this platform, what it was pulled by is all that there is to compare.
  const isLocked =
    locked.id === null
      ? locked.digest === null || digests.includes(digestIn(locked.digest))
      : known.some((one) => one === Id);
  if (isLocked) return null;
  return {
    message: `${reference} is ${locked.id === null ? digests.join(", ") || Id : Id} now; this instance is locked to ${locked.id ?? locked.digest}.`,
    hint: `Pull the locked image again (${locked.digest ?? "it has no registry digest"}), or delete its line in compose.lock.json to accept the new one.`,
  };
}

/** For what is built for other platforms than this machine's. Pure. */
export function unfitPlatform(reference: string, platforms: readonly string[], machine: string): Unfit {
  return {
    message: `${reference} is built for ${platforms.join(", ")}; this machine is ${platformOf(machine)}.`,
    hint: `Remove it (docker image rm ${reference}) and run elk-os up again, or set ELK_OS_IMAGE_* to an image for this machine.`,
  };
}

/** "repository@sha256:…" → "sha256:…" */
function digestIn(name: string): string {
  return name.slice(name.indexOf("@") + 1);
}
