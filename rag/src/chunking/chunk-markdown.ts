import { frontMatterLength } from "../corpus/front-matter.ts";
import { type Chunk, MAX_CHUNK_CHARS, MAX_WHOLE_BLOCK_CHARS } from "./chunk.ts";
import { type Line, readLines } from "./read-lines.ts";

interface Section {
  readonly headings: readonly string[];
  readonly lines: readonly Line[];
}

/** How a document is cut. */
interface CutOptions {
  /** Only headings up to this level start a chunk: 6 for prose, 2 for a log whose entries are `##`. Default 6. */
  readonly deepest?: number;
  /** False keeps a section whole, however long. Default true. */
  readonly splits?: boolean;
}

/**
 * Cuts Markdown at its headings, then cuts long sections at blank lines outside code fences and tables. A paragraph longer
 * than a chunk is cut between lines. A heading that has no text of its own stays with the section below it. Front matter
 * is metadata and is left out. Pure.
 */
export function chunkMarkdown(content: string, { deepest = 6, splits = true }: CutOptions = {}): readonly Chunk[] {
  const raw = content.split("\n");
  const chunks: Chunk[] = [];
  for (const section of toSections(readLines(raw, frontMatterLength(raw)), deepest)) {
    for (const part of splits ? splitLong(section.lines) : [section.lines]) {
      const trimmed = trimBlank(part);
      const first = trimmed[0];
      const last = trimmed.at(-1);
      if (first === undefined || last === undefined) continue;
      const text = trimmed.map((line) => line.text).join("\n");
      chunks.push({ lineStart: first.number, lineEnd: last.number, text, headings: section.headings });
    }
  }
  return chunks;
}

/** A day of log: each `##` entry is one chunk, whole, with whatever headings, code and tables it holds. Pure. */
export function chunkLog(content: string): readonly Chunk[] {
  return chunkMarkdown(content, { deepest: 2, splits: false });
}

/** One chunk under the first line's heading, whatever headings follow. Pure. */
export function chunkWhole(content: string): readonly Chunk[] {
  const lines = content.split("\n");
  const title = /^#+ +(.*)$/.exec(lines[0] ?? "")?.[1];
  return [{ lineStart: 1, lineEnd: lines.length, text: content, headings: title === undefined ? [] : [title] }];
}

function toSections(lines: readonly Line[], deepest: number): readonly Section[] {
  const sections: Section[] = [];
  let trail: { level: number; title: string }[] = [];
  let current: Line[] = [];
  const close = (): void => {
    sections.push({ headings: trail.map((heading) => heading.title), lines: current });
    current = [];
  };
  for (const line of lines) {
    const { heading } = line;
    if (heading !== null && heading.level <= deepest) {
      if (hasBody(current)) close();
      trail = [...trail.filter((above) => above.level < heading.level), heading];
    }
    current.push(line);
  }
  close();
  return sections;
}

function hasBody(lines: readonly Line[]): boolean {
  return lines.some(({ kind }) => kind !== "blank" && kind !== "heading");
}

function splitLong(lines: readonly Line[]): readonly (readonly Line[])[] {
  const parts: Line[][] = [];
  let current: Line[] = [];
  let size = 0;
  for (const block of toBlocks(lines).flatMap(cutLongBlock)) {
    const blockSize = sizeOf(block);
    if (current.length > 0 && size + blockSize > MAX_CHUNK_CHARS && hasBody(current)) {
      parts.push(current);
      current = [];
      size = 0;
    }
    current.push(...block);
    size += blockSize;
  }
  if (current.length > 0) parts.push(current);
  return parts;
}

/** Paragraphs, fences and tables, each with the blank lines behind it. */
function toBlocks(lines: readonly Line[]): readonly (readonly Line[])[] {
  const blocks: Line[][] = [];
  let current: Line[] = [];
  lines.forEach((line, index) => {
    current.push(line);
    const next = lines[index + 1];
    if (line.kind === "blank" && next !== undefined && next.kind !== "blank") {
      blocks.push(current);
      current = [];
    }
  });
  if (current.length > 0) blocks.push(current);
  return blocks;
}

function cutLongBlock(block: readonly Line[]): readonly (readonly Line[])[] {
  const isWhole = block.some(({ kind }) => kind === "fenced" || kind === "table");
  const limit = isWhole ? MAX_WHOLE_BLOCK_CHARS : MAX_CHUNK_CHARS;
  if (sizeOf(block) <= limit) return [block];
  const parts: Line[][] = [[]];
  let size = 0;
  for (const line of block) {
    const length = line.text.length + 1;
    if (size > 0 && size + length > limit) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(line);
    size += length;
  }
  return parts;
}

function sizeOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.text.length + 1, 0);
}

function trimBlank(lines: readonly Line[]): readonly Line[] {
  const start = lines.findIndex(({ kind }) => kind !== "blank");
  const end = lines.findLastIndex(({ kind }) => kind !== "blank");
  return start < 0 ? [] : lines.slice(start, end + 1);
}
