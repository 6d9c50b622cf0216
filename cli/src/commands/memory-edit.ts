import { writeMemory } from "../memory/memory-folder.ts";
import { bodyOf, findMemory, listOf, memoryFolder, textOption, written } from "../memory/memory-options.ts";
import { tellSearch } from "../rag-client/tell-search.ts";
import type { Command } from "./command.ts";

export const memoryEdit: Command = {
  name: "memory edit",
  summary: "Replace the text of a memory that you have read",
  help: `--if-match is the sha256 of the file as you read it; when the file has changed since, nothing is written.

  elk-os memory edit ports-prove-nothing --if-match SHA256 --body "Ask twice."`,
  arguments: [{ name: "<name>", description: "file name below memory/" }],
  options: [
    { flags: "--if-match <sha256>", description: "digest of the file as you read it" },
    { flags: "--body <text>", description: "the new text" },
    { flags: "--file <path>", description: "read the new text from a file instead" },
    { flags: "--title <text>", description: "a new title (default: as it is)" },
    { flags: "--tags <list>", description: "new tags (default: as they are)" },
  ],
  async run({ args, options, loaded, signal }) {
    const folder = memoryFolder(loaded);
    const before = findMemory(folder, args[0] ?? "");
    const draft = {
      title: options["title"] === undefined ? (before.title ?? "") : textOption(options, "title"),
      body: bodyOf(options),
      tags: options["tags"] === undefined ? before.tags : listOf(options["tags"]),
      supersedes: before.supersedes,
      date: before.date ?? new Date().toISOString().slice(0, 10),
      agent: before.agent,
    };
    const ifMatch = typeof options["ifMatch"] === "string" ? options["ifMatch"] : null;
    const changed = await writeMemory(folder, before.name, draft, ifMatch);
    return written(folder, before.name, changed, await tellSearch(loaded, signal));
  },
};
