import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CliError } from "../../../errors/cli-error.ts";
import type { Progress } from "../../driver.ts";
import type { StageTarget } from "./stage-recipe.ts";

/**
 * The portal that was built here, for another architecture. Next's output is JavaScript; beside it lie the packages that it loads, and of those the native
 * ones carry their architecture in their name. @throws CliError INSTALL_FAILED when npm has none of that name for the target
 */
export async function exchangeNative(
  folder: string,
  { portal, packages, architecture }: StageTarget,
  progress: Progress,
): Promise<void> {
  progress(`copying the portal that was built here, with the native packages of ${architecture}`);
  const modules = join(portal, "node_modules");
  const native = packagesIn(modules).filter((name) => name.includes(`-linux-${process.arch}`));
  const left = new Set(native.map((name) => join(modules, name)));
  cpSync(portal, folder, {
    recursive: true,
    verbatimSymlinks: true,
    // The marker is of that other folder, which is whole.
    filter: (from) => !left.has(from) && relative(portal, from) !== ".elk-os-complete",
  });
  for (const name of native) {
    const theirs = name.replace(`-linux-${process.arch}`, `-linux-${architecture}`);
    const source = join(packages, "node_modules", theirs);
    if (!existsSync(source))
      throw new CliError("INSTALL_FAILED", {
        message: `The portal runs on ${name}, and npm installed no ${theirs} for ${architecture}.`,
        hint: "Its download failed, and npm is silent about optional packages. Export again when the registry answers.",
      });
    const target = join(folder, "node_modules", theirs);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
  }
}

/** Names of packages at the top of a node_modules folder. */
function packagesIn(modules: string): readonly string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
  );
}
