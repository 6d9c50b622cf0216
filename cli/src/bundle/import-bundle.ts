import type { Driver, Progress } from "../drivers/driver.ts";
import { ensureEntry } from "../drivers/embedded/staging/cache-entry.ts";
import { CliError } from "../errors/cli-error.ts";
import { runPiped } from "../host/run-piped.ts";
import { assertFits, thisMachine } from "./machine.ts";
import { IMAGES, type Manifest } from "./manifest.ts";
import { openBundle } from "./open-bundle.ts";

const UNPACK_TIMEOUT_MS = 10 * 60_000;

export interface ImportInput {
  /** An archive, or the folder that one was unpacked to. */
  readonly path: string;
  readonly cacheDir: string;
  readonly driver: Pick<Driver, "entries" | "loadImages">;
}

export interface Imported {
  readonly manifest: Manifest;
  /** Names of what was put into the cache, and "images" when the engine got some; the rest was there. */
  readonly made: readonly string[];
}

/**
 * Puts into the cache what a bundle holds of it. All is compared before the first write; each folder is unpacked beside its place and renamed, so a
 * killed import leaves whole folders only, and the next one goes on. @throws CliError BUNDLE_INVALID, BUNDLE_FOREIGN
 */
export async function importBundle(input: ImportInput, progress: Progress, signal: AbortSignal): Promise<Imported> {
  progress(`comparing ${input.path} with what was exported`);
  const { manifest, read } = await openBundle(input.path, signal);
  assertFits(manifest, thisMachine(), process.versions.node);
  assertWanted(manifest, input.driver);
  const made: string[] = [];
  for (const entry of manifest.entries) {
    const build = async (folder: string) => {
      progress(`unpacking ${entry.name}`);
      await runPiped(read(entry.file), ["tar", "-xzo", "-C", folder], {
        purpose: `${entry.file} could not be unpacked`,
        timeoutMs: UNPACK_TIMEOUT_MS,
        signal,
      });
    };
    if (await ensureEntry(input.cacheDir, { ...entry, build }, progress, signal)) made.push(entry.name);
  }
  const { images } = manifest;
  if (images.length > 0 && (await input.driver.loadImages(read(IMAGES), images, progress, signal))) made.push("images");
  return { manifest, made };
}

/** Folders of another release would be in the cache and `up` would miss its own. */
function assertWanted(manifest: Manifest, driver: Pick<Driver, "entries">): void {
  const missing = driver
    .entries()
    .filter(({ name, key }) => !manifest.entries.some((entry) => entry.name === name && entry.key === key))
    .map(({ name }) => name);
  if (missing.length === 0) return;
  throw new CliError("BUNDLE_FOREIGN", {
    message: `This bundle is of release ${manifest.version} (${manifest.commit.slice(0, 12)}) for the ${manifest.driver} driver, and does not hold what this checkout runs: ${missing.join(", ")}. Nothing was changed.`,
    hint: "Unpack it (tar -xf FILE) and run the bin/elk-os in it; a bundle brings its own release.",
    facts: { version: manifest.version, commit: manifest.commit, driver: manifest.driver, missing },
  });
}
