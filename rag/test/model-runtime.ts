import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { LIBRARIES } from "../src/embedding/worker-protocol.ts";

const FOLDERS: Readonly<Record<(typeof LIBRARIES)[number], string>> = {
  "@huggingface/transformers": "huggingface",
  "@xenova/transformers": "xenova",
};

/** One of the two libraries by its lock, installed once a cache: a minute from the registry. Answers the folder that holds it. */
export async function installRuntime(library: (typeof LIBRARIES)[number]): Promise<string> {
  const source = path.join(import.meta.dirname, "../runtimes", FOLDERS[library]);
  const cache = process.env["ELK_OS_CACHE_DIR"] ?? path.join(tmpdir(), "muster-test-cache");
  const folder = path.join(cache, `model-runtime-test-${FOLDERS[library]}`);
  if (existsSync(path.join(folder, "node_modules", library, "package.json"))) return folder;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(path.join(cache, "model-runtime-"));
  try {
    await cp(source, draft, { recursive: true });
    await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: draft });
    // Another test may have been quicker: its copy is as good.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(path.join(folder, "package.json"))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}
