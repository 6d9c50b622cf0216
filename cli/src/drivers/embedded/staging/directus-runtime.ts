import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../../../errors/cli-error.ts";
import { runCommand } from "../../../host/run.ts";
import type { Progress } from "../../driver.ts";
import { npmFlagsFor } from "./npm-flags.ts";
import type { StageRecipe } from "./stage-recipe.ts";
import { digestOf } from "./tree-hash.ts";

const INPUTS = ["package.json", "package-lock.json", ".npmrc"];
/** Four minutes measured on two cores with a cold npm cache; five times that for a slow line. */
const INSTALL_TIMEOUT_MS = 20 * 60_000;
const PROGRESS_MS = 2_000;

/**
 * npm ends with 0 when an optional package could not be fetched, although Directus cannot load without some of them
 * (sharp's library: seen on a bare machine). One more try is what a person would do first.
 */
const INSTALL_ATTEMPTS = 2;

/** Directus from npm, by our lock, for this Node's major version and one architecture. None of its packages is compiled where it is installed. */
export const directusRuntime: StageRecipe = {
  id: "directus-runtime",
  title: "Directus runtime",
  entry({ checkout, target }) {
    const { architecture = process.arch } = target ?? {};
    const source = join(checkout, "directus", "runtime");
    const major = process.versions.node.split(".")[0] ?? "";
    return {
      name: "directus-runtime",
      key: digestOf([...INPUTS.map((name) => readFileSync(join(source, name))), major, architecture]),
      proof: ["node_modules/@directus/api/dist/cli/run.js", "node_modules/.package-lock.json"],
      async build(folder, progress, signal) {
        const lock: unknown = JSON.parse(readFileSync(join(source, "package-lock.json"), "utf8"));
        for (const name of INPUTS) copyFileSync(join(source, name), join(folder, name));
        const wanted = packagesFor(lock, { os: process.platform, cpu: architecture });
        const stop = reportInstall(folder, wanted.length, progress);
        try {
          for (let attempt = 1; attempt <= INSTALL_ATTEMPTS; attempt++) {
            await runCommand(
              ["npm", "ci", "--omit=dev", "--no-progress", ...(target === undefined ? [] : npmFlagsFor(target))],
              {
                purpose: "npm could not install the Directus runtime",
                timeoutMs: INSTALL_TIMEOUT_MS,
                cwd: folder,
                signal,
              },
            );
            if (wanted.every((path) => existsSync(join(folder, path, "package.json")))) return;
          }
        } finally {
          await stop();
        }
        const missing = wanted.filter((path) => !existsSync(join(folder, path, "package.json")));
        throw new CliError("INSTALL_FAILED", {
          message: `npm said that it installed the Directus runtime, but left out ${missing.join(", ")}.`,
          hint: "Its download failed, and npm is silent about optional packages. Run `elk-os up` again when the registry answers.",
          facts: { missing },
        });
      },
    };
  },
};

/** A list, or of old one name. */
const names = z.union([z.array(z.string()), z.string().transform((name) => [name])]).optional();
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().default(false),
      optional: z.boolean().default(false),
      os: names,
      cpu: names,
      libc: names,
    }),
  ),
});

/**
 * Paths of the packages that must lie here after an install. Those for other systems are in the lock too, and so are
 * optional ones for no system in particular (WebAssembly stand-ins), which npm installs only where nothing native fits.
 */
export function packagesFor(lock: unknown, machine: { readonly os: string; readonly cpu: string }): readonly string[] {
  return Object.entries(lockSchema.parse(lock).packages)
    .filter(
      ([path, { dev, optional, os, cpu, libc }]) =>
        path !== "" &&
        !dev &&
        (!optional || os !== undefined || cpu !== undefined) &&
        (os === undefined || os.includes(machine.os)) &&
        (cpu === undefined || cpu.includes(machine.cpu)) &&
        (libc === undefined || libc.includes("glibc")),
    )
    .map(([path]) => path);
}

/** Reports what lies on the disk, so that a long install shows that it moves. */
function reportInstall(folder: string, total: number, progress: Progress): () => Promise<void> {
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      const packages = Math.min(installedPackages(join(folder, "node_modules")), total);
      progress(`installing ${packages} of ${total} packages, ${await sizeOf(folder)} MB`);
    });
  }, PROGRESS_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** Packages below a node_modules folder, nested ones included. */
export function installedPackages(nodeModules: string): number {
  if (!existsSync(nodeModules)) return 0;
  let count = 0;
  for (const name of readdirSync(nodeModules)) {
    if (name.startsWith(".")) continue;
    const folders = name.startsWith("@")
      ? readdirSync(join(nodeModules, name)).map((inner) => join(nodeModules, name, inner))
      : [join(nodeModules, name)];
    for (const folder of folders) {
      if (existsSync(join(folder, "package.json"))) count += 1 + installedPackages(join(folder, "node_modules"));
    }
  }
  return count;
}

async function sizeOf(folder: string): Promise<string> {
  try {
    const { stdout } = await runCommand(["du", "-sm", folder], { purpose: "Size", timeoutMs: 10_000 });
    return stdout.split("\t")[0] ?? "?";
  } catch {
    // npm moves files while du walks, which then ends with code 1: the figure is only for the eye.
    return "?";
  }
}
