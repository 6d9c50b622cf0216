import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { type CacheEntry, ensureEntry, entryPath } from "../drivers/embedded/staging/cache-entry.ts";
import { recordEntries } from "../drivers/embedded/staging/cache-users.ts";
import { getRecipe } from "../drivers/embedded/staging/index.ts";
import { CliError } from "../errors/cli-error.ts";
import { isRoot } from "../host/users.ts";
import { SERVICE_IDS } from "../services/service-def.ts";
import type { Stack } from "../stack/stack.ts";
import type { Source } from "./bundle-source.ts";
import { findCompiler } from "./compiled-packages.ts";
import { foreignPackages, foreignToolchain } from "./foreign-packages.ts";
import { thisMachine } from "./machine.ts";
import type { Machine } from "./manifest.ts";

export type ExportedStack = Pick<Stack, "checkout" | "config" | "driver" | "paths" | "version">;

/** All that a bundle brings beside the files of its commit, staged. */
export interface Contents {
  /** For which it is; a `libcVersion` of null is found out from what is packed. */
  readonly machine: Machine;
  /** Folder of the pinned Node and npm. */
  readonly toolchain: string;
  /** Folder whose node_modules it brings, and npm's record of that. */
  readonly packages: string;
  readonly installed: string;
  readonly entries: readonly CacheEntry[];
}

/** For machines as this one: what is here, staged where it was not. */
export async function contentsHere(
  { checkout, driver }: ExportedStack,
  { toolchain, installed }: Source,
  progress: Progress,
  signal: AbortSignal,
): Promise<Contents> {
  for (const service of SERVICE_IDS) await driver.stage(service, (line) => progress(`${service}: ${line}`), signal);
  return { machine: thisMachine(), toolchain, packages: checkout, installed, entries: driver.entries() };
}

/**
 * For machines of another architecture: what npm has for them by our locks, and the portal as it is built here. It stands in the cache beside ours, and
 * is found there by the next export. @throws CliError BUNDLE_REFUSED for the compose driver; INSTALL_FAILED
 */
export async function contentsFor(
  architecture: string,
  { checkout, config, driver, paths }: ExportedStack,
  source: Source,
  progress: Progress,
  signal: AbortSignal,
): Promise<Contents> {
  if (driver.id !== "embedded")
    throw new CliError("BUNDLE_REFUSED", {
      message: `The engine of this machine pulls and builds images for ${process.arch}, and none for ${architecture}. Nothing was written.`,
      hint: "Export on a machine of that kind, or with --driver embedded.",
    });
  const ensure = async (entry: CacheEntry): Promise<string> => {
    recordEntries({ config, paths }, [entry]);
    await ensureEntry(config.cacheDir, entry, (line) => progress(`${entry.name}: ${line}`), signal);
    return entryPath(config.cacheDir, entry);
  };
  const toolchain = await ensure(foreignToolchain(checkout, architecture));
  const packages = await ensure(
    foreignPackages(checkout, {
      architecture,
      compiler: await findCompiler(architecture, signal),
      npm: source.toolchain,
      headers: join(toolchain, "node_modules", `node-linux-${architecture}`),
    }),
  );
  await driver.stage("portal", (line) => progress(`portal: ${line}`), signal);
  const portal = getRecipe("portal").entry({ checkout, hasServiceUser: isRoot() });
  const entries = driver.entries({ architecture, packages, portal: entryPath(config.cacheDir, portal) });
  for (const entry of entries) await ensure(entry);
  const installed = readFileSync(join(packages, "node_modules", ".package-lock.json"), "utf8");
  const machine = { architecture, libc: "glibc", libcVersion: null };
  return { machine, toolchain, packages, installed, entries };
}
