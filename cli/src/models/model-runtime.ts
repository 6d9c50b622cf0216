import { copyFileSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { type CacheEntry, ensureEntry, entryPath } from "../drivers/embedded/staging/cache-entry.ts";
import { digestOf } from "../drivers/embedded/staging/tree-hash.ts";
import { runCommand } from "../host/run.ts";

/** The library that runs a pulled model, by our lock. No part of a release: a machine that uses the shipped model never has it. */
export const RUNTIME_LIBRARY = "@huggingface/transformers";
const SOURCE = "rag/runtimes/huggingface";
const INPUTS = ["package.json", "package-lock.json"];
/** A minute measured on two cores with a cold npm cache. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** Installs it once a cache, and answers where. Says nothing of whether a model runs: its self-test does. */
export async function ensureModelRuntime(
  { checkout, cacheDir }: { readonly checkout: string; readonly cacheDir: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const source = join(checkout, SOURCE);
  const entry: CacheEntry = {
    name: "model-runtime",
    key: digestOf([...INPUTS.map((name) => readFileSync(join(source, name))), process.arch]),
    proof: [`node_modules/${RUNTIME_LIBRARY}/package.json`, "node_modules/onnxruntime-node/package.json"],
    async build(folder) {
      progress("installing what runs a sentence model, 30 MB to fetch");
      for (const name of INPUTS) copyFileSync(join(source, name), join(folder, name));
      await runCommand(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-progress"], {
        purpose: "npm could not install what runs a sentence model",
        timeoutMs: INSTALL_TIMEOUT_MS,
        cwd: folder,
        signal,
      });
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
