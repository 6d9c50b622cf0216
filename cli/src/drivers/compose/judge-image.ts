import { z } from "zod";

/** An image as the engine inspects it. */
export const imageSchema = z.object({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Architecture: z.string(),
  Os: z.string(),
});
export type Image = z.infer<typeof imageSchema>;

/** What was found under a reference at its first pull; `digest` is the registry's, null for what no registry gave. */
export interface LockedImage {
  readonly id: string;
  readonly digest: string | null;
}

/** Node's name of an architecture, as images are labelled. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Why an image may not be run here; null: it may. `machine` is Node's name of this machine's architecture, `locked` what this instance is locked to,
 * null before the first pull. Pure.
 */
export function judgeImage(
  reference: string,
  { Id, Os, Architecture }: Image,
  { locked, machine }: { readonly locked: LockedImage | null; readonly machine: string },
): { readonly message: string; readonly hint: string } | null {
  const wanted = `linux/${ARCHITECTURES[machine] ?? machine}`;
  if (`${Os}/${Architecture}` !== wanted)
    return {
      message: `${reference} is built for ${Os}/${Architecture}; this machine is ${wanted}.`,
      hint: `Remove it (docker image rm ${reference}) and run elk-os up again, or set ELK_OS_IMAGE_* to an image for this machine.`,
    };
  if (locked !== null && locked.id !== Id)
    return {
      message: `${reference} is ${Id} now; this instance is locked to ${locked.id}.`,
      hint: `Pull the locked image again (${locked.digest ?? "it has no registry digest"}), or delete its line in compose.lock.json to accept the new one.`,
    };
  return null;
}
