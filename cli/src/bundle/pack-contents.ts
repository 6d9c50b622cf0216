import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { entryPath } from "../drivers/embedded/staging/cache-entry.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Contents } from "./contents.ts";
import { findPrograms, newer } from "./foreign-programs.ts";
import { type Licensed, readLicences } from "./licences.ts";
import { BUNDLE, type Manifest } from "./manifest.ts";
import { pack } from "./pack.ts";
import { packagesHash, shippedPackages } from "./shipped-packages.ts";

/** Where the record of installed packages lies below whatever npm installed into. */
const INSTALLED = join("node_modules", ".package-lock.json");
/** Of the machine where it was made: that a folder is whole, and where its npm keeps its settings. */
const STAYS = ["./.complete", "./.globalconfig", "./.elk-os-complete"];
/** Programs that a refusal names. */
const NAMED = 5;

export interface PackInput {
  readonly checkout: string;
  readonly cacheDir: string;
  readonly contents: Contents;
  /** The tree whose `bundle/` is filled, and a folder for drafts. */
  readonly tree: string;
  readonly work: string;
}

interface Packed {
  readonly entries: Manifest["entries"];
  readonly licences: Licensed[];
  /** The newest glibc that any of it asks for; null when none does. */
  readonly glibc: string | null;
}

/**
 * Fills `bundle/`, and answers what of it goes into a cache, and whose licences all that has. What packages carry for other systems beside the wanted one
 * stays here. @throws CliError BUNDLE_REFUSED for a program of another architecture
 */
export async function packContents(
  { checkout, cacheDir, contents, tree, work }: PackInput,
  progress: Progress,
  signal: AbortSignal,
): Promise<Packed> {
  const { machine, toolchain, installed } = contents;
  const packages = shippedPackages(installed);
  let glibc: string | null = null;
  const leftHere = (root: string, paths: readonly string[]): readonly string[] => {
    const programs = findPrograms(root, paths, machine.architecture);
    assertNoneForeign(root, programs.foreign, machine.architecture);
    glibc = newer(glibc, programs.glibc);
    return programs.beside;
  };
  const packAs = async (name: string, left: readonly string[], what: readonly string[]): Promise<void> => {
    const list = join(work, "left");
    writeFileSync(list, left.map((path) => `${path}\n`).join(""));
    const without = ["--anchored", "--no-wildcards", `--exclude-from=${list}`];
    await pack(join(tree, BUNDLE, name), [...without, ...what], signal);
  };
  const packFolder = (name: string, folder: string): Promise<void> => {
    const left = leftHere(folder, [""]).map((path) => `./${path}`);
    return packAs(name, [...STAYS, ...left], ["-C", folder, "."]);
  };

  progress("packing Node and npm");
  await packFolder(`toolchain-${machine.architecture}.tar.gz`, toolchain);

  progress(`packing ${packages.all.length} packages`);
  const list = join(work, "packages");
  writeFileSync(list, `${packages.tops.join("\n")}\n`);
  mkdirSync(join(work, "node_modules"));
  writeFileSync(join(work, INSTALLED), packages.record);
  await packAs(`packages-${packagesHash(checkout)}.tar.gz`, leftHere(contents.packages, packages.tops), [
    ...["-C", contents.packages, "--verbatim-files-from", `--files-from=${list}`],
    ...["-C", work, INSTALLED],
  ]);

  // Where the launcher fetched these two without an npm, there is no record of them.
  const tools = [...installedBelow(toolchain), "node_modules/npm", `node_modules/node-linux-${machine.architecture}`];
  const licences = [...readLicences(contents.packages, packages.all), ...readLicences(toolchain, [...new Set(tools)])];
  const entries: Manifest["entries"] = [];
  for (const { name, key, proof } of contents.entries) {
    progress(`packing ${name}`);
    const folder = entryPath(cacheDir, { name, key });
    const file = `${basename(folder)}.tar.gz`;
    await packFolder(file, folder);
    licences.push(...readLicences(folder, installedBelow(folder)));
    entries.push({ name, key, proof: [...proof], file: `${BUNDLE}/${file}` });
  }
  return { entries, licences, glibc };
}

function assertNoneForeign(
  root: string,
  foreign: ReturnType<typeof findPrograms>["foreign"],
  architecture: string,
): void {
  if (foreign.length === 0) return;
  const named = foreign.slice(0, NAMED).map(({ path, architecture: other }) => `${join(root, path)} (${other})`);
  throw new CliError("BUNDLE_REFUSED", {
    message: `What is to be packed for ${architecture} holds programs of another architecture: ${named.join(", ")}${foreign.length > NAMED ? ", …" : ""}. Nothing was written.`,
    hint: "Remove the folder that holds them from the cache, or node_modules, and export again: it is made anew.",
    facts: { architecture, foreign: [...foreign] },
  });
}

/** Packages that npm recorded there; none where a folder is copied or built, as its packages are the checkout's. */
function installedBelow(folder: string): readonly string[] {
  const record = join(folder, INSTALLED);
  return existsSync(record) ? shippedPackages(readFileSync(record, "utf8")).all : [];
}
