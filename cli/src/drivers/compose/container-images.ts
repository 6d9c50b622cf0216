import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../driver.ts";
import { ensureEntry, entryPath } from "../embedded/staging/cache-entry.ts";
import { getRecipe } from "../embedded/staging/index.ts";
import { digestOf } from "../embedded/staging/tree-hash.ts";
import type { DriverFoundation } from "../index.ts";
import { docker } from "./docker.ts";
import { ensureImage, findImage } from "./image-lock.ts";
import { forgetImage } from "./lock-file.ts";

/** Containers whose image is ours: what the embedded driver stages for the service, on the Node base. */
export const OWN = ["rag", "portal"] as const;
export type OwnImage = (typeof OWN)[number];
const BUILD_MS = 15 * 60_000;
const DOCKERFILES = join("deploy", "images");

export interface ImageReferences {
  readonly postgres: string;
  readonly directus: string;
  readonly caddy: string;
  readonly rag: string;
  readonly portal: string;
}

const STAGE = { hasServiceUser: true } as const;

/** The reference of every image that is one container's. Ours are named by what they are made of, so a change is another name. */
export function imageReferences({ checkout, config }: DriverFoundation): ImageReferences {
  const own = (id: OwnImage) => {
    const dockerfile = readFileSync(join(checkout, DOCKERFILES, `${id}.Dockerfile`), "utf8");
    const { key } = getRecipe(id).entry({ checkout, ...STAGE });
    return `muster/${id}:${digestOf([key, dockerfile, config.imageNode]).slice(0, 16)}`;
  };
  const { imagePostgres: postgres, imageDirectus: directus, imageCaddy: caddy } = config;
  return { postgres, directus, caddy, rag: own("rag"), portal: own("portal") };
}

/** References of what others made: the base of our own images, too. Of one Postgres here or elsewhere, because a backup is tried in its image. */
export function upstreamReferences({ config }: DriverFoundation): readonly string[] {
  return [config.imagePostgres, config.imageDirectus, config.imageCaddy, config.imageNode];
}

/** Pulls every upstream image that is not here. True when one was pulled. */
export async function ensureUpstream(
  foundation: DriverFoundation,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  let isNew = false;
  for (const reference of upstreamReferences(foundation)) {
    if (await ensureImage(reference, foundation.paths.imageLock, progress, signal)) isNew = true;
  }
  return isNew;
}

/** Builds our image from the staged folder: the same files that the embedded driver runs. True when it was built. Safe to run in parallel. */
export async function ensureOwnImage(
  foundation: DriverFoundation,
  id: OwnImage,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { checkout, config, paths } = foundation;
  const reference = imageReferences(foundation)[id];
  if ((await findImage(reference, signal)) !== null) {
    // It outlives a reset, which takes the lock away.
    await ensureImage(reference, paths.imageLock, progress, signal);
    return false;
  }
  const entry = getRecipe(id).entry({ checkout, ...STAGE });
  await ensureEntry(config.cacheDir, entry, progress, signal);
  forgetImage(reference, paths.imageLock);
  progress(`building ${reference}`);
  const building = `${reference}-${process.pid}`;
  const options = ["--tag", building, "--build-arg", `NODE_IMAGE=${config.imageNode}`, "--network", "none"];
  const dockerfile = join(checkout, DOCKERFILES, `${id}.Dockerfile`);
  await docker(["build", "--quiet", ...options, "--file", dockerfile, entryPath(config.cacheDir, entry)], {
    purpose: `The image ${reference} could not be built`,
    timeoutMs: BUILD_MS,
    signal,
  });
  const rename = (...args: readonly string[]) =>
    docker(["image", ...args], { purpose: `The image ${reference} could not be named`, signal });
  // Two builds of one folder are two images. Another instance on this engine may have built it meanwhile, and is locked to what it made.
  if ((await findImage(reference, signal)) === null) await rename("tag", building, reference);
  await rename("rm", building);
  await ensureImage(reference, paths.imageLock, progress, signal);
  return true;
}
