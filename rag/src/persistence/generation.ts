import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { CHUNKER_VERSION } from "../chunking/chunk.ts";
import { PassageStore, type RestoredDocument } from "../engine/passage-store.ts";
import { LexicalIndex } from "../lexical/lexical-index.ts";
import { ANALYZER_VERSION } from "../text/analyze.ts";
import { flushFolder, swapDurably, writeDurably } from "./durable-file.ts";
import { decodeLexical, encodeLexical } from "./lexical-file.ts";

const MANIFEST = "MANIFEST.json";
const CURRENT = "CURRENT";
/** The form of these files. Another number is another program's: not read, not an error. */
const SCHEMA = 1;

const manifestSchema = z.object({
  schema: z.literal(SCHEMA),
  generation: z.int(),
  created_at: z.string(),
  chunker: z.literal(CHUNKER_VERSION),
  analyzer: z.literal(ANALYZER_VERSION),
  documents: z.int(),
  chunks: z.int(),
  /** How far each source that is no folder was taken in. */
  marks: z.record(z.string(), z.string()).default({}),
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256: z.string() })),
});

/** Folder name of a generation: `gen-000042`. */
export function generationName(generation: number): string {
  return `gen-${String(generation).padStart(6, "0")}`;
}

/**
 * Writes a store as a new generation and makes it current: files first, then the manifest with their digests, then one rename, then one
 * swap of `CURRENT`. A crash at any moment leaves the generation before. The two newest are kept.
 * @throws the file system's error, with nothing made current
 */
export function writeGeneration(folder: string, generation: number, store: PassageStore): void {
  const name = generationName(generation);
  const draft = path.join(folder, `${name}.draft`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const documents = [...store.all()].map(({ source, title, passages }) => {
    const cuts = passages.map(({ slot: _slot, document: _document, ...cut }) => cut);
    return JSON.stringify({ source, title, passages: cuts } satisfies RestoredDocument);
  });
  const contents: Record<string, Buffer> = {
    "documents.jsonl": Buffer.from(documents.map((line) => `${line}\n`).join("")),
    "lexical.bin": encodeLexical(store.lexical.save()),
  };
  for (const [file, bytes] of Object.entries(contents)) writeDurably(path.join(draft, file), bytes);
  const manifest: z.infer<typeof manifestSchema> = {
    schema: SCHEMA,
    generation,
    created_at: new Date().toISOString(),
    chunker: CHUNKER_VERSION,
    analyzer: ANALYZER_VERSION,
    documents: store.size,
    chunks: store.lexical.size,
    marks: Object.fromEntries(store.marks),
    files: Object.fromEntries(
      Object.entries(contents).map(([file, bytes]) => [file, { bytes: bytes.length, sha256: digest(bytes) }]),
    ),
  };
  writeDurably(path.join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  flushFolder(draft);
  rmSync(path.join(folder, name), { recursive: true, force: true });
  renameSync(draft, path.join(folder, name));
  swapDurably(path.join(folder, CURRENT), `${name}\n`);
  const old = listGenerations(folder).filter((one) => one < generation - 1);
  for (const one of old) {
    rmSync(path.join(folder, generationName(one)), { recursive: true, force: true });
    rmSync(walPath(folder, one), { force: true });
  }
}

/** Where the changes since a generation are logged. */
export function walPath(folder: string, generation: number): string {
  return path.join(folder, `wal-${String(generation).padStart(6, "0")}.log`);
}

/**
 * Reads a generation whose every byte is as its manifest says.
 * @throws Error naming what does not fit
 */
export function readGeneration(folder: string, generation: number): PassageStore {
  const place = path.join(folder, generationName(generation));
  const manifest = readManifest(place);
  const read = (file: string): Buffer => readSound(place, manifest, file);
  const lines = read("documents.jsonl").toString("utf8").split("\n");
  const documents = lines.flatMap((line): RestoredDocument[] => (line === "" ? [] : [JSON.parse(line)]));
  const lexical = LexicalIndex.restore(decodeLexical(read("lexical.bin")));
  if (documents.length !== manifest.documents || lexical.size !== manifest.chunks) {
    throw new Error(`${generationName(generation)} does not hold what its manifest counts`);
  }
  const store = PassageStore.restore(documents, lexical);
  for (const [name, mark] of Object.entries(manifest.marks)) store.marks.set(name, mark);
  return store;
}

/** What is wrong with a generation on disk, byte by byte; empty when nothing is. Never throws. */
export function checkGeneration(folder: string, generation: number): readonly string[] {
  const place = path.join(folder, generationName(generation));
  try {
    const manifest = readManifest(place);
    for (const file of Object.keys(manifest.files)) readSound(place, manifest, file);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function readManifest(place: string): z.infer<typeof manifestSchema> {
  return manifestSchema.parse(JSON.parse(readFileSync(path.join(place, MANIFEST), "utf8")));
}

function readSound(place: string, { files }: z.infer<typeof manifestSchema>, file: string): Buffer {
  const bytes = readFileSync(path.join(place, file));
  const expected = files[file];
  if (bytes.length !== expected?.bytes || digest(bytes) !== expected.sha256) {
    throw new Error(`${path.basename(place)}/${file} is not what its manifest says`);
  }
  return bytes;
}

/** Generations that stand on disk, newest first; drafts of an interrupted write are not among them. */
export function listGenerations(folder: string): readonly number[] {
  return readdirSync(folder)
    .flatMap((name) => /^gen-(\d{6,})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** The generation that `CURRENT` names; null when there is none or the file is damaged. */
export function currentGeneration(folder: string): number | null {
  try {
    const name = /^gen-(\d{6,})\n$/.exec(readFileSync(path.join(folder, CURRENT), "utf8"))?.[1];
    return name === undefined ? null : Number(name);
  } catch {
    // No index has been written yet, or the file cannot be read: the newest sound generation is looked for instead.
    return null;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
