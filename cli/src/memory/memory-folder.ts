import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { withFolderLock } from "../state/folder-lock.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";

export interface MemoryFile {
  /** Path below the folder: `guides/review.md`. */
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
  readonly title: string | null;
  readonly body: string;
  readonly supersedes: readonly string[];
  readonly tags: readonly string[];
  readonly date: string | null;
  readonly agent: string | null;
}

export interface MemoryDraft {
  readonly title: string;
  readonly body: string;
  readonly tags: readonly string[];
  readonly supersedes: readonly string[];
  readonly date: string;
  /** Who learnt it; null: nobody says so. */
  readonly agent: string | null;
}

/** The file that names every memory in one line each. */
export const MEMORY_INDEX = "README.md";
/** The search service takes it, too. */
const LOCK = ".write.lock";

const frontSchema = z.object({
  date: z.union([z.string(), z.date().transform((date) => date.toISOString().slice(0, 10))]).optional(),
  tags: z.array(z.coerce.string()).default([]),
  supersedes: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  agent: z.string().nullish(),
});

/** Every memory below the folder, by name; the index is not one. A file without readable front matter counts as one without any. */
export function readMemories(folder: string): readonly MemoryFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && name !== MEMORY_INDEX && statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => parseMemory(name, readFileSync(join(folder, name), "utf8")));
}

/** Pure. */
export function parseMemory(name: string, text: string): MemoryFile {
  const [whole = "", front = ""] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  const facts = frontSchema.safeParse(safeYaml(front)).data ?? { tags: [], supersedes: [] };
  const rest = text.slice(whole.length);
  const title = /^# (.+)$/m.exec(rest)?.[1]?.trim() ?? null;
  return {
    name,
    text,
    sha256: createHash("sha256").update(text).digest("hex"),
    title,
    body: rest.replace(/^# .+$/m, "").trim(),
    supersedes: facts.supersedes,
    tags: facts.tags,
    date: facts.date ?? null,
    agent: facts.agent ?? null,
  };
}

/** The file of a memory, as the search service writes it. Pure. */
export function renderMemory({ title, body, tags, supersedes, date, agent }: MemoryDraft): string {
  const front = {
    date,
    ...(tags.length > 0 ? { tags } : {}),
    ...(supersedes.length > 0 ? { supersedes } : {}),
    ...(agent === null ? {} : { agent }),
  };
  return `---\n${stringify(front)}---\n# ${title.trim()}\n\n${body.trim()}\n`;
}

/** A file name without ending: lower-case words joined by dashes, at most 60 characters. Pure. */
export function slugOf(title: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? []).join("-").slice(0, 60).replace(/-+$/, "") || "note";
}

/**
 * Writes a memory and its line in the index, each as a whole. False when exactly this text stood there.
 * @throws CliError DESTRUCTIVE_REFUSED when the file exists and `ifMatch` is not the sha256 of what stands there; LOCK_HELD when another writer holds
 *   the folder for two seconds
 */
export function writeMemory(
  folder: string,
  name: string,
  draft: MemoryDraft,
  ifMatch: string | null,
): Promise<boolean> {
  return withFolderLock(join(folder, LOCK), () => writeFiles(folder, name, draft, ifMatch));
}

/** Without a pause between reading what stands there and replacing it. */
function writeFiles(folder: string, name: string, draft: MemoryDraft, ifMatch: string | null): boolean {
  const path = join(folder, name);
  const text = renderMemory(draft);
  if (existsSync(path)) {
    const before = parseMemory(name, readFileSync(path, "utf8"));
    if (before.text === text) return false;
    if (ifMatch !== before.sha256) {
      throw new CliError("DESTRUCTIVE_REFUSED", {
        message: `memory/${name} exists${ifMatch === null ? "" : " and has changed since you read it"}.`,
        hint: `Read it, then: elk-os memory edit ${name.replace(/\.md$/, "")} --if-match ${before.sha256}`,
        facts: { path: `memory/${name}`, sha256: before.sha256 },
      });
    }
  }
  writeFileAtomic(path, text, 0o644);
  const index = join(folder, MEMORY_INDEX);
  if (existsSync(index)) {
    const old = readFileSync(index, "utf8");
    const updated = withIndexLine(old, name, indexLineOf(name, draft));
    if (updated !== old) writeFileAtomic(index, updated, 0o644);
  }
  return true;
}

function indexLineOf(name: string, { title, body }: Pick<MemoryDraft, "title" | "body">): string {
  const flat = body.trim().replace(/\s+/g, " ");
  const line = `- [${title.trim()}](${name}): ${/^.*?[.!?](?=\s|$)/.exec(flat)?.[0] ?? flat}`;
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}

function withIndexLine(index: string, name: string, line: string): string {
  const lines = index.split("\n");
  const at = lines.findIndex((one) => one.startsWith("- [") && one.includes(`](${name})`));
  return at >= 0 ? lines.with(at, line).join("\n") : `${index.replace(/\n*$/, "")}\n${line}\n`;
}

function safeYaml(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    // Not YAML: the memory has no front matter, which `memory lint` reports.
    return null;
  }
}
