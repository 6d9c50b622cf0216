import { CliError } from "../../errors/cli-error.ts";
import { type Argv, runPiped } from "../../host/run-piped.ts";
import { counted } from "../../output/counted.ts";
import type { Progress, SavedImage } from "../driver.ts";
import type { DriverFoundation } from "../index.ts";
import { ensureUpstream, upstreamReferences } from "./container-images.ts";
import { docker } from "./docker.ts";
import { findImage } from "./image-lock.ts";

/** Four images of some hundred MB each, to or from a slow disk. */
const CARRY_MS = 20 * 60_000;

/** Saves the upstream images as one file, which holds a layer that several have once. Our own are built from what is staged, without a network. */
export async function saveImages(
  foundation: DriverFoundation,
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly SavedImage[]> {
  await ensureUpstream(foundation, progress, signal);
  const images: SavedImage[] = [];
  for (const reference of new Set(upstreamReferences(foundation))) {
    images.push({ reference, id: (await findImage(reference, signal))?.Id ?? "" });
  }
  progress(`saving ${counted(images.length, "image")}`);
  await docker(["save", "--output", file, ...images.map(({ reference }) => reference)], {
    purpose: "The images could not be saved",
    timeoutMs: CARRY_MS,
    signal,
  });
  return images;
}

/** Loads what the engine lacks of them. An engine takes any archive, so what it has then is compared by digest. */
export async function loadImages(
  source: Argv,
  images: readonly SavedImage[],
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await missing(images, signal)).length === 0) return false;
  progress(`loading ${counted(images.length, "image")}`);
  await runPiped(source, ["docker", "load", "--quiet"], {
    purpose: "The images could not be loaded",
    timeoutMs: CARRY_MS,
    signal,
  });
  const wrong = await missing(images, signal);
  if (wrong.length === 0) return true;
  throw new CliError("BUNDLE_INVALID", {
    message: `The engine took the images, and ${wrong.map(({ reference }) => reference).join(", ")} is not what was exported.`,
    hint: "Remove it (docker image rm) and import again; if it stays so, export the bundle again.",
    facts: { wrong },
  });
}

async function missing(images: readonly SavedImage[], signal: AbortSignal): Promise<readonly SavedImage[]> {
  const lacking: SavedImage[] = [];
  for (const image of images) if ((await findImage(image.reference, signal))?.Id !== image.id) lacking.push(image);
  return lacking;
}
