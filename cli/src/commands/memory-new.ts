import { findConflicts } from "../memory/inspect-memories.ts";
import { type MemoryDraft, readMemories, slugOf, writeMemory } from "../memory/memory-folder.ts";
import { bodyOf, listOf, memoryFolder, textOption, written } from "../memory/memory-options.ts";
import { tellSearch } from "../rag-client/tell-search.ts";
import type { Command } from "./command.ts";

export const memoryNew: Command = {
  name: "memory new",
  summary: "Write down a lesson: one file in memory/, one line in its index",
  help: `Refuses to replace a file that exists. The search finds it within a second; a running service is not needed.

  elk-os memory new --title "Ports prove nothing" --body "Ask who answers." --tags health,rag`,
  options: [
    { flags: "--title <text>", description: "one line that says the lesson" },
    { flags: "--body <text>", description: "the lesson" },
    { flags: "--file <path>", description: "read the lesson from a file instead" },
    { flags: "--tags <list>", description: "words separated by commas" },
    { flags: "--name <name>", description: "file name without ending (default: from the title)" },
  ],
  async run({ options, loaded, signal }) {
    const folder = memoryFolder(loaded);
    const title = textOption(options, "title");
    const name = `${typeof options["name"] === "string" ? slugOf(options["name"]) : slugOf(title)}.md`;
    const draft: MemoryDraft = {
      title,
      body: bodyOf(options),
      tags: listOf(options["tags"]),
      supersedes: [],
      date: new Date().toISOString().slice(0, 10),
      agent: null,
    };
    const changed = await writeMemory(folder, name, draft, null);
    const similar = findConflicts(readMemories(folder)).filter(
      (one) => one.kind === "nearly_same" && (one.name === name || one.message.includes(` ${name} `)),
    );
    const notes = similar.map((one) => `note       ${one.name} ${one.message}`);
    return written(folder, name, changed, [...notes, ...(await tellSearch(loaded, signal))]);
  },
};
