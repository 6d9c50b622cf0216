import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { type CacheEntry, ensureEntry, entryPath } from "../drivers/embedded/staging/cache-entry.ts";
import { digestOf } from "../drivers/embedded/staging/tree-hash.ts";
import { CliError } from "../errors/cli-error.ts";
import { runCommand } from "../host/run.ts";

/** The library that runs a pulled model, by our lock. No part of a release: a machine that uses the shipped model never has it. */
export const RUNTIME_LIBRARY = "@huggingface/transformers";
const SOURCE = "rag/runtimes/huggingface";
const INPUTS = ["package.json", "package-lock.json"];
/** A minute measured on two cores with a cold npm cache. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;
/** What npm keeps of a registry, below the folder that `npm ci --cache` names. */
const NPM_CONTENT = "_cacache";

export interface RuntimePlaces {
  readonly checkout: string;
  readonly cacheDir: string;
  /** An npm cache that was filled by our lock on another machine; null: what npm is set up with here. */
  readonly vendored: string | null;
}

/**
 * Installs it once a cache, and answers where. A vendored cache is copied and the network not asked; npm compares every package with the lock either way.
 * Says nothing of whether a model runs: its self-test does.
 * @throws CliError USAGE_INVALID when the vendored folder is no npm cache; INSTALL_FAILED when it lacks a package, or one has other bytes
 */
export async function ensureModelRuntime(
  { checkout, cacheDir, vendored }: RuntimePlaces,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const source = join(checkout, SOURCE);
  if (vendored !== null && !existsSync(join(vendored, NPM_CONTENT))) {
    throw new CliError("USAGE_INVALID", {
      message: `${vendored} is no npm cache: it holds no ${NPM_CONTENT}.`,
      hint: `With a network, in ${SOURCE}: npm ci --omit=dev --ignore-scripts --cache FOLDER; then bring FOLDER here.`,
    });
  }
  const entry: CacheEntry = {
    name: "model-runtime",
    key: digestOf([...INPUTS.map((name) => readFileSync(join(source, name))), process.arch]),
    proof: [`node_modules/${RUNTIME_LIBRARY}/package.json`, "node_modules/onnxruntime-node/package.json"],
    async build(folder) {
      progress(`installing what runs a sentence model, ${vendored === null ? "30 MB to fetch" : `from ${vendored}`}`);
      for (const name of INPUTS) copyFileSync(join(source, name), join(folder, name));
      // npm writes into its cache, and a stick may be read-only.
      const kept = join(folder, ".npm");
      if (vendored !== null) cpSync(join(vendored, NPM_CONTENT), join(kept, NPM_CONTENT), { recursive: true });
      const alone = vendored === null ? [] : ["--offline", "--cache", kept];
      await runCommand(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-progress", ...alone], {
        purpose: `npm could not install what runs a sentence model${vendored === null ? "" : ` from ${vendored} alone`}`,
        timeoutMs: INSTALL_TIMEOUT_MS,
        cwd: folder,
        signal,
      });
      rmSync(kept, { recursive: true, force: true });
      prune(join(folder, "node_modules"));
    },
  };
  await ensureEntry(cacheDir, entry, progress, signal);
  return entryPath(cacheDir, entry);
}

/** Leaves out what only a browser or another machine needs: 380 of 470 MB. */
function prune(modules: string): void {
  rmSync(join(modules, "onnxruntime-web"), { recursive: true, force: true });
  const binaries = join(modules, "onnxruntime-node", "bin");
  for (const version of readdirSync(binaries)) {
    for (const system of readdirSync(join(binaries, version))) {
      for (const arch of readdirSync(join(binaries, version, system)))
        if (system !== process.platform || arch !== process.arch)
          rmSync(join(binaries, version, system, arch), { recursive: true });
    }
  }
}
