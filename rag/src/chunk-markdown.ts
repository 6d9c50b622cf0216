/** A searchable piece of a document: whole lines, verbatim. */
export interface Chunk {
  /** First and last line, counted from 1, both included. */
  readonly lineStart: number;
  readonly lineEnd: number;
  /** The lines as they stand in the file, joined by "\n", without the last line's own "\n". */
  readonly text: string;
  /** Headings above the chunk, outermost first, its own heading last. */
  readonly headings: readonly string[];
}

/** 1,600 characters: about 250 words, one screen of a terminal; a longer section is cut at a blank line. */
const MAX_CHUNK_CHARS = 1_600;

interface Line {
  readonly number: number;
  readonly text: string;
  /** Inside a fenced code block, where a `#` is a comment and a blank line is no boundary. */
  readonly fenced: boolean;
}

interface Section {
  readonly headings: readonly string[];
  readonly lines: readonly Line[];
}

/**
 * Cuts Markdown at its ATX headings, then cuts long sections at blank lines outside code fences. A heading that has no
 * text of its own stays with the section below it. Front matter is metadata and is left out. Pure.
 */
export function chunkMarkdown(content: string): readonly Chunk[] {
  const lines = readLines(content);
  const chunks: Chunk[] = [];
  for (const section of toSections(lines)) {
    for (const part of splitLong(section.lines)) {
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

function readLines(content: string): readonly Line[] {
  const raw = content.split("\n");
  const skip = frontMatterLength(raw);
  const lines: Line[] = [];
  let fence: string | null = null;
  raw.forEach((text, index) => {
    if (index < skip) return;
    const marker = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1] ?? null;
    const opens = fence === null && marker !== null;
    const closes = fence !== null && marker?.startsWith(fence) === true;
    lines.push({ number: index + 1, text, fenced: fence !== null || opens });
    if (opens) fence = marker;
    else if (closes) fence = null;
  });
  return lines;
}

function frontMatterLength(raw: readonly string[]): number {
  if (raw[0]?.replace("\uFEFF", "").trimEnd() !== "---") return 0;
  const end = raw.findIndex((text, index) => index > 0 && text.trimEnd() === "---");
  return end < 0 ? 0 : end + 1;
}

function toSections(lines: readonly Line[]): readonly Section[] {
  const sections: Section[] = [];
  let trail: { level: number; title: string }[] = [];
  let current: Line[] = [];
  const close = (): void => {
    sections.push({ headings: trail.map((heading) => heading.title), lines: current });
    current = [];
  };
  for (const line of lines) {
    const heading = line.fenced ? null : /^\uFEFF? {0,3}(#{1,6})\s+(.+?)\s*#*\s*$/.exec(line.text);
    if (heading !== null) {
      if (hasBody(current)) close();
      const level = heading[1]?.length ?? 1;
      trail = [...trail.filter((above) => above.level < level), { level, title: heading[2] ?? "" }];
    }
    current.push(line);
  }
  close();
  return sections;
}

function hasBody(lines: readonly Line[]): boolean {
  return lines.some((line) => !isBlank(line) && (line.fenced || !/^\uFEFF? {0,3}#{1,6}\s/.test(line.text)));
}

function splitLong(lines: readonly Line[]): readonly (readonly Line[])[] {
  const parts: Line[][] = [];
  let current: Line[] = [];
  let size = 0;
  for (const block of toBlocks(lines)) {
    const blockSize = block.reduce((sum, line) => sum + line.text.length + 1, 0);
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

/** Paragraphs with the blank lines behind them. A code fence is never cut, however long. */
function toBlocks(lines: readonly Line[]): readonly (readonly Line[])[] {
  const blocks: Line[][] = [];
  let current: Line[] = [];
  lines.forEach((line, index) => {
    current.push(line);
    const next = lines[index + 1];
    if (isBlank(line) && next !== undefined && !isBlank(next)) {
      blocks.push(current);
      current = [];
    }
  });
  if (current.length > 0) blocks.push(current);
  return blocks;
}

function trimBlank(lines: readonly Line[]): readonly Line[] {
  const start = lines.findIndex((line) => !isBlank(line));
  const end = lines.findLastIndex((line) => !isBlank(line));
  return start < 0 ? [] : lines.slice(start, end + 1);
}

function isBlank(line: Line): boolean {
  return !line.fenced && line.text.trim() === "";
}
