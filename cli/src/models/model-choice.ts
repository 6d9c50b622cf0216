import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { statePaths } from "../state/paths.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";

/** Below the data folder, which is the one that every service may reach. */
export const MODELS_FOLDER = "models";
const CHOICE = "USE.json";

const choiceSchema = z.object({ model: z.string(), runtime: z.string(), library: z.string() });
/** Which pulled model search embeds with, and what runs it. The search service reads the same file. */
export type ModelChoice = z.infer<typeof choiceSchema>;

export function modelsFolder(stateDir: string): string {
  return join(statePaths(stateDir).data, MODELS_FOLDER);
}

/** null when the shipped model is in use, or the file is not readable as a choice. */
export function readChoice(folder: string): ModelChoice | null {
  try {
    return choiceSchema.parse(JSON.parse(readFileSync(join(folder, CHOICE), "utf8")));
  } catch {
    return null;
  }
}

/** Takes a choice down, or back to the shipped model. False when it stood so already. */
export function writeChoice(folder: string, choice: ModelChoice | null): boolean {
  const file = join(folder, CHOICE);
  const before = readChoice(folder);
  if (choice === null) {
    const was = existsSync(file);
    rmSync(file, { force: true });
    return was;
  }
  if (before !== null && JSON.stringify(before) === JSON.stringify(choice)) return false;
  writeFileAtomic(file, `${JSON.stringify(choice)}\n`, 0o644);
  return true;
}
