import { stringify } from "yaml";

export interface MemoryDraft {
  readonly title: string;
  readonly body: string;
  readonly tags: readonly string[];
  /** Paths of the memories that this one replaces. */
  readonly supersedes: readonly string[];
  readonly agent: string | null;
  /** The day it was learnt: `2026-11-22`. */
  readonly date: string;
}

/** The file of a memory: front matter, title, text. Pure; the same draft gives the same bytes. */
export function renderMemory({ title, body, tags, supersedes, agent, date }: MemoryDraft): string {
  const front = {
    date,
    ...(tags.length > 0 ? { tags } : {}),
    ...(supersedes.length > 0 ? { supersedes } : {}),
    ...(agent === null ? {} : { agent }),
  };
  return `---\n${stringify(front)}---\n# ${title.trim()}\n\n${body.trim()}\n`;
}

/** A file name from a title: lower-case words joined by dashes, at most 60 characters; `note` when nothing is left. */
export function slugOf(title: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? []).join("-").slice(0, 60).replace(/-+$/, "") || "note";
}

/** The index line of a memory: a link and its first sentence, at most 200 characters. */
export function indexLineOf(name: string, { title, body }: Pick<MemoryDraft, "title" | "body">): string {
  const sentence = /^.*?[.!?](?=\s|$)/s.exec(body.trim().replace(/\s+/g, " "))?.[0] ?? body.trim().replace(/\s+/g, " ");
  const line = `- [${title.trim()}](${name}): ${sentence}`;
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}

/** The index with this memory's line: replaced where the file is named already, else appended. Pure. */
export function withIndexLine(index: string, name: string, line: string): string {
  const lines = index.split("\n");
  const at = lines.findIndex((one) => one.startsWith("- [") && one.includes(`](${name})`));
  if (at >= 0) return lines.with(at, line).join("\n");
  return `${index.replace(/\n*$/, "")}\n${line}\n`;
}
