import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findConflicts, lintMemories } from "../memory/inspect-memories.ts";
import { MEMORY_INDEX, readMemories } from "../memory/memory-folder.ts";
import { memoryFolder, problemsResult } from "../memory/memory-options.ts";
import type { Command } from "./command.ts";

export const memoryConflicts: Command = {
  name: "memory conflicts",
  summary: "Name memories that contradict each other's standing or say nearly the same",
  help: "Exit 3 when there is any. Reads only.",
  async run({ loaded }) {
    const memories = readMemories(memoryFolder(loaded));
    return problemsResult(memories.length, "memories", findConflicts(memories));
  },
};

export const memoryLint: Command = {
  name: "memory lint",
  summary: "Name memories without a title or an index line, dead links, and dates that mean nothing later",
  help: "Exit 3 when there is any. Reads only.",
  async run({ loaded }) {
    const folder = memoryFolder(loaded);
    const memories = readMemories(folder);
    const index = join(folder, MEMORY_INDEX);
    const lines = existsSync(index) ? readFileSync(index, "utf8") : null;
    return problemsResult(memories.length, "memories", lintMemories(memories, lines));
  },
};
