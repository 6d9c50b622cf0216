import { slugOf, writeMemory } from "../memory/memory-folder.ts";
import { bodyOf, findMemory, listOf, memoryFolder, textOption, written } from "../memory/memory-options.ts";
import { tellSearch } from "../rag-client/tell-search.ts";
import type { Command } from "./command.ts";

export const memorySupersede: Command = {
  name: "memory supersede",
  summary: "Write the lesson that replaces one that is no longer true",
  help: `The old file stays and is found below the new one, marked as superseded.

  elk-os memory supersede pool-size --title "Eight connections" --body "Twenty were too many."`,
  arguments: [{ name: "<name>", description: "the memory that is no longer true" }],
  options: [
    { flags: "--title <text>", description: "one line that says what holds now" },
    { flags: "--body <text>", description: "what holds now, and why" },
    { flags: "--file <path>", description: "read the text from a file instead" },
    { flags: "--tags <list>", description: "words separated by commas (default: those of the old one)" },
  ],
  async run({ args, options, loaded, signal }) {
    const folder = memoryFolder(loaded);
    const old = findMemory(folder, args[0] ?? "");
    const title = textOption(options, "title");
    const draft = {
      title,
      body: bodyOf(options),
      tags: options["tags"] === undefined ? old.tags : listOf(options["tags"]),
      supersedes: [`memory/${old.name}`],
      date: new Date().toISOString().slice(0, 10),
      agent: null,
    };
    const name = `${slugOf(title)}.md`;
    const changed = await writeMemory(folder, name, draft, null);
    return written(folder, name, changed, [`supersedes  memory/${old.name}`, ...(await tellSearch(loaded, signal))]);
  },
};
