import type { Progress } from "../driver.ts";
import { type CacheEntry, ensureEntry } from "../embedded/staging/cache-entry.ts";
import { recordEntries } from "../embedded/staging/cache-users.ts";
import { getRecipe } from "../embedded/staging/index.ts";
import type { DriverFoundation } from "../index.ts";
import { ensureOwnImage, ensureUpstream, OWN, type OwnImage } from "./container-images.ts";

const entryOf = ({ checkout }: Pick<DriverFoundation, "checkout">, stage: "extension" | OwnImage) =>
  getRecipe(stage).entry({ checkout, hasServiceUser: true });

/** What containers run that comes from the cache: the extension is mounted, the others are what our own images are built from. */
export function stagedEntries(foundation: Pick<DriverFoundation, "checkout">): readonly CacheEntry[] {
  return [entryOf(foundation, "extension"), ...OWN.map((id) => entryOf(foundation, id))];
}

/**
 * Has all that every container runs: a pull or a build that fails must not find the stack half replaced. So it is asked whole before each service, and
 * finds all there but for the first. True when something was made. Idempotent. @throws CliError INSTALL_FAILED or SERVICE_FAILED
 */
export async function stageAll(
  foundation: DriverFoundation,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  let isMade = await ensureUpstream(foundation, progress, signal);
  recordEntries(foundation, stagedEntries(foundation));
  const extension = entryOf(foundation, "extension");
  if (await ensureEntry(foundation.config.cacheDir, extension, progress, signal)) isMade = true;
  for (const id of OWN) if (await ensureOwnImage(foundation, id, progress, signal)) isMade = true;
  return isMade;
}
