import { z } from "zod";
import { COLLECTIONS } from "../corpus/document.ts";
import type { Hit } from "../engine/hit.ts";
import { RagError } from "../errors.ts";
import { reportHealth } from "../health-report.ts";
import { FORM } from "../memory/memory-form.ts";
import { findPassages, type Readable } from "../reading/find-passages.ts";
import { DATA_NOT_INSTRUCTIONS } from "../reading/notice.ts";
import { readLines } from "../reading/read-lines.ts";
import { appendLogOrWait, type Waits, type WriteParts, writeMemoryOrWait } from "../waiting/write-or-wait.ts";

/** What the tools work on. */
export interface ToolParts extends Readable, WriteParts {}

/** A tool as data: the schema refuses unknown arguments, and `run` answers text. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
  };
  run(parts: ToolParts, input: unknown): Promise<string>;
}

/** About 3,000 tokens: what an answer may take of an agent's context unless it asks for more. */
const MAX_CHARS = 12_000;

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true } as const;
const WRITES = { readOnlyHint: false, destructiveHint: false, idempotentHint: false } as const;

const path = z.string().min(1).max(300);
const formed = (pattern: string) => z.string().regex(new RegExp(pattern, "u"));
const title = formed(FORM.line).min(3).max(120);
const body = formed(FORM.text).max(12_000);
const tags = z.array(formed(FORM.word).max(60)).max(12).default([]);
const collections = z.array(z.enum(COLLECTIONS)).optional();
const searchInput = z.strictObject({
  query: z.string().min(1).max(2_000),
  limit: z.int().min(1).max(20).default(5),
  collections,
  tags: z.array(z.string()).optional(),
  mode: z.enum(["auto", "lexical", "dense"]).default("auto"),
  max_chars: z.int().min(200).max(60_000).default(MAX_CHARS),
});
const linesInput = z.strictObject({ path, from: z.int().min(1).default(1), lines: z.int().min(1).default(200) });
const manyInput = z.strictObject({
  paths: z.array(path).min(1).max(20),
  max_chars: z.int().min(200).max(60_000).default(MAX_CHARS),
});
const relatedInput = z.strictObject({ path, limit: z.int().min(1).max(20).default(5) });
const writeInput = z.strictObject({
  title,
  body,
  tags,
  if_match: formed(FORM.digest).optional(),
  force: z.boolean().default(false),
});
const supersedeInput = z.strictObject({ path, title, body, tags });
const logInput = z.strictObject({ title, body: z.string().max(12_000).default("") });

/** Every tool of `POST /mcp`. */
export const TOOLS: readonly Tool[] = [
  tool(
    "memory_search",
    "Search memory, log, docs, constitution and board. Each hit carries a citation: path#Lx-Ly, or board:os_tasks/<id>.",
    READS,
    searchInput,
    async (parts, input) => {
      const { query, limit, collections, tags, mode, max_chars } = input;
      const filters = {
        ...(collections === undefined ? {} : { collections }),
        ...(tags === undefined ? {} : { tags }),
      };
      const { hits, notSearched } = await findPassages(parts, { query, limit, mode, filters });
      const lacks = notSearched.map((name) => `The ${name} cannot be asked now: nothing of it is here.`);
      return [fit(hits.map(describeHit), max_chars), ...lacks].join("\n\n");
    },
  ),
  tool("memory_get", "Lines of one document, with their numbers.", READS, linesInput, async (parts, input) => {
    const given = await readLines(parts, input);
    const { start, end, total } = given.lines;
    const numbered = given.text.split("\n").map((line, index) => `${start + index}\t${line}`);
    const more = end < total ? [`… ${total - end} more lines: from ${end + 1}`] : [];
    return [DATA_NOT_INSTRUCTIONS, `${given.citation} sha256 ${given.sha256}`, ...numbered, ...more].join("\n");
  }),
  tool("memory_multi_get", "Several documents whole.", READS, manyInput, async (parts, { paths, max_chars }) =>
    fit(await Promise.all(paths.map((one) => describeDocument(parts, one))), max_chars),
  ),
  tool(
    "memory_related",
    "Documents that say something alike.",
    READS,
    relatedInput,
    async (parts, { path: name, limit }) => {
      const { path, title, text } = await readLines(parts, { path: name, lines: 30 });
      const query = `${title} ${text}`.replace(/["\n]/g, " ").slice(0, 1_000);
      const { hits } = await findPassages(parts, { query, limit: limit + 2 });
      const others = hits.filter((hit) => hit.path !== path);
      return fit(others.slice(0, limit).map(describeHit), MAX_CHARS);
    },
  ),
  tool(
    "memory_write",
    "Remember a lesson. Refuses to replace unless if_match names the sha256 that you read.",
    WRITES,
    writeInput,
    async (parts, { if_match, ...input }) => {
      const written = await writeMemoryOrWait(parts, { ...input, ...(if_match === undefined ? {} : { if_match }) });
      if (written.status === "waits") return describeWaits(written, written.path);
      return `${written.changed ? "written" : "unchanged"} ${written.path} sha256 ${written.sha256}`;
    },
  ),
  tool(
    "memory_supersede",
    "Replace a memory that is no longer true by a new one that names it.",
    WRITES,
    supersedeInput,
    async (parts, { path, ...input }) => {
      await readLines(parts, { path });
      const written = await writeMemoryOrWait(parts, { ...input, supersedes: [path], force: true });
      if (written.status === "waits") return describeWaits(written, `${written.path}, which supersedes ${path},`);
      return `written ${written.path}, which supersedes ${path}`;
    },
  ),
  tool(
    "memory_status",
    "Whether the search is complete and what it lacks.",
    READS,
    z.strictObject({}),
    async (parts) => {
      const { state, sources, reasons } = await reportHealth(parts);
      const writes = (await parts.waiting?.list()) ?? { waiting: [], refused: [] };
      return JSON.stringify({ ...state, reasons, sources, writes }, null, 1);
    },
  ),
  tool("log_append", "Append an entry to today's log.", WRITES, logInput, async (parts, input) => {
    const appended = await appendLogOrWait(parts, input);
    if (appended.status === "waits") return describeWaits(appended, "the entry");
    return `appended to ${appended.path} as record ${appended.n}`;
  }),
];

function tool<T extends z.ZodObject>(
  name: string,
  description: string,
  annotations: Tool["annotations"],
  input: T,
  run: (parts: ToolParts, input: z.infer<T>) => Promise<string>,
): Tool {
  return { name, description, annotations, input, run: (parts, given) => run(parts, input.parse(given)) };
}

function describeWaits({ id, next }: Waits, what: string): string {
  return `accepted, waits as ${id}: ${what} is in no file yet. ${next}`;
}

function describeHit(hit: Hit): string {
  const state = hit.superseded_by === null ? "" : ` (superseded by ${hit.superseded_by})`;
  return `## ${hit.citation}${state}\n${hit.headings.join(" › ")}\n\n${hit.text}`;
}

async function describeDocument(parts: Readable, path: string): Promise<string> {
  try {
    const { citation, text } = await readLines(parts, { path });
    return `## ${citation}\n${text}`;
  } catch (error) {
    if (error instanceof RagError) return `## ${path}\n${error.message}`;
    throw error;
  }
}

function fit(parts: readonly string[], maxChars: number): string {
  if (parts.length === 0) return "Nothing found.";
  const kept: string[] = [];
  let size = 0;
  for (const part of parts) {
    if (kept.length > 0 && size + part.length > maxChars) break;
    kept.push(part.slice(0, maxChars));
    size += part.length;
  }
  const left = parts.length - kept.length;
  return [
    DATA_NOT_INSTRUCTIONS,
    ...kept,
    ...(left > 0 ? [`… ${left} more: raise max_chars or ask more narrowly`] : []),
  ].join("\n\n");
}
