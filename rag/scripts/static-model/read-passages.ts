import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A paragraph or two under a heading: what a model learns likeness from. */
export interface TrainingPassage {
  readonly heading: string;
  readonly text: string;
}

/** A passage ends here: about 120 words, as long as a section of a note. */
const PASSAGE_CHARS = 700;
const MIN_TEXT_CHARS = 60;
/** No source may drown the others. */
const PASSAGES_PER_SOURCE = 40_000;
const PER_FILE = 1_000;
/** English text has a third of such words; another language, a table or code has few. */
const ENGLISH = /\b(the|of|to|and|is|in|a|for|that|be|with|it|are)\b/gi;
const MIN_ENGLISH = 0.15;

const KINDS: Readonly<Record<string, (text: string) => readonly TrainingPassage[]>> = {
  html: readHtml,
  txt: readPlain,
  rst: readPlain,
  md: readPlain,
  pod: readPlain,
  dz: readPlain,
};
/** A manual page: `pipe.7`, `sudo.8`. */
const MANUAL = /\.[1-8][a-z]*$/;

/** Passages of every text below one unpacked package, in the order of their paths. Files of other kinds are passed over. */
export function readPassages(folder: string): TrainingPassage[] {
  const passages: TrainingPassage[] = [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const step = Math.max(1, Math.floor(files.length / 4_000));
  for (const [index, file] of files.entries()) {
    if (index % step !== 0) continue;
    const name = file.replace(/\.gz$/, "");
    const read = MANUAL.test(name) ? readManual : KINDS[name.slice(name.lastIndexOf(".") + 1)];
    if (read === undefined) continue;
    const bytes = readFileSync(file);
    const text = (name === file && !file.endsWith(".dz") ? bytes : gunzipSync(bytes)).toString("utf8");
    // A file of many passages says much the same in each: evenly spread ones stand for it. A dictionary is many files in one.
    const found = read(text);
    const every = file.endsWith(".dz") ? 1 : Math.max(1, Math.floor(found.length / PER_FILE));
    passages.push(...found.filter((_passage, at) => at % every === 0));
    if (passages.length >= PASSAGES_PER_SOURCE) break;
  }
  return passages;
}

function readHtml(html: string): readonly TrainingPassage[] {
  const body = html
    .replace(/<!--[\s\S]*?-->/g, " ")
    .replace(/<(script|style|nav|header|footer|pre|head)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(
      /<h[1-6][^>]*>([\s\S]*?)<\/h[1-6]>/gi,
      (_all, inner: string) => `\n\n\u0001${inner.replace(/\s+/g, " ")}\n\n`,
    )
    .replace(/<\/?(p|div|li|dd|dt|td|th|tr|table|ul|ol|dl|section|br)\b[^>]*>/gi, "\n\n")
    .replace(/<[^>]+>/g, "")
    .replace(/&(amp|lt|gt|quot|nbsp|#8217|#39|para|rsquo);/g, (_all, name: string) =>
      /39|8217|rsquo/.test(name) ? "'" : " ",
    )
    .replace(/&[#\w]+;/g, " ");
  return toPassages(body);
}

function readPlain(text: string): readonly TrainingPassage[] {
  const marked = text
    .replace(/^(.{3,80})\n([=\-~^*#"]){3,}\s*$/gm, (_all, title: string) => `\n\u0001${title}\n`)
    .replace(/^#{1,6} (.*)$/gm, (_all, title: string) => `\n\u0001${title}\n`)
    .replace(/^=head\d (.*)$/gm, (_all, title: string) => `\n\u0001${title}\n`)
    // The dictionaries put each word at the margin and what it means behind blanks.
    .replace(/^(?=\S)(.{2,60})\n\n? {3}/gm, (_all, title: string) => `\n\u0001${title}\n\n   `);
  return toPassages(marked);
}

function readManual(text: string): readonly TrainingPassage[] {
  const marked = text
    .replace(/^\.S[HS]\s+"?(.*?)"?$/gm, (_all, title: string) => `\n\u0001${title.toLowerCase()}\n`)
    .replace(/^\.(PP|TP|P|IP|LP|HP).*$/gm, "\n")
    .replace(/^\.(BR?|IR?|RB|RI|BI|IB)\s+/gm, "")
    .replace(/^[.'].*$/gm, "")
    .replace(/\\f[A-Z]|\\&|\\-/g, "");
  return toPassages(marked);
}

function toPassages(marked: string): readonly TrainingPassage[] {
  const passages: TrainingPassage[] = [];
  let heading = "";
  let text = "";
  const close = (): void => {
    if (text.length >= MIN_TEXT_CHARS && isEnglish(text)) passages.push({ heading, text });
    text = "";
  };
  for (const block of marked.split(/\n\s*\n/)) {
    const line = block.replace(/\s+/g, " ").trim();
    if (line.startsWith("\u0001")) {
      close();
      heading = line.slice(1);
    } else if (/[a-z]{2,} [a-z]{2,} [a-z]{2,}/i.test(line)) {
      text = text === "" ? line : `${text} ${line}`;
      if (text.length >= PASSAGE_CHARS) close();
    }
  }
  close();
  return passages;
}

function isEnglish(text: string): boolean {
  return (text.match(ENGLISH)?.length ?? 0) >= MIN_ENGLISH * text.split(" ").length;
}
