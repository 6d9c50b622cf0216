import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { flushFolder, writeDurably } from "../persistence/durable-file.ts";
import type { Embedder } from "./embedder.ts";
import type { ByteVector } from "./exact-index.ts";
import { GRAPH, HnswGraph, type loadHnswlib } from "./hnsw-graph.ts";

const FORMAT = 1;
const ROWS = "vectors.bin";
const GRAPH_FILE = "graph.bin";
const MANIFEST = "MANIFEST.json";
const KEY_BYTES = 16;

const fileSchema = z.object({ bytes: z.int(), sha256: z.string() });
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  model: z.string(),
  digest: z.string(),
  dims: z.int(),
  rows: z.int(),
  /** Vectors in the graph, with those that are gone; 0 when no graph was kept. */
  graph: z.int(),
  dead: z.array(z.int()),
  neighbours: z.int(),
  files: z.record(z.string(), fileSchema),
});
type Manifest = z.infer<typeof manifestSchema>;

/** A vector by the text that it was made of. */
export interface KeptRow {
  readonly key: string;
  readonly vector: ByteVector;
  /** Its place in the graph; -1 when it has none. */
  readonly label: number;
}

/** Vectors that were made before; each is given once. */
export class KnownVectors {
  private readonly rows = new Map<string, number[]>();
  private readonly read: (row: number) => Omit<KeptRow, "key">;

  constructor(keys: Iterable<readonly [string, number]>, read: (row: number) => Omit<KeptRow, "key">) {
    this.read = read;
    for (const [key, row] of keys) {
      const same = this.rows.get(key);
      if (same === undefined) this.rows.set(key, [row]);
      else same.push(row);
    }
  }

  /** null when no vector of this text is left. */
  take(key: string): Omit<KeptRow, "key"> | null {
    const rows = this.rows.get(key);
    const row = rows?.pop();
    if (row === undefined) return null;
    if (rows?.length === 0) this.rows.delete(key);
    return this.read(row);
  }

  /** What was not taken yet. */
  *left(): Iterable<KeptRow> {
    for (const [key, rows] of this.rows) for (const row of rows) yield { key, ...this.read(row) };
  }
}

/** What a start finds: vectors to go on from, and why there are none when a file was damaged. */
export interface FoundVectors {
  readonly known: KnownVectors | null;
  readonly graph: HnswGraph | null;
  /** What was left behind; null when nothing was. */
  readonly damage: string | null;
}

const NOTHING: FoundVectors = { known: null, graph: null, damage: null };

/** Names a text for one model: another model, another text or another way of putting it together is another key. */
export function keyOf(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, KEY_BYTES).toString("base64url");
}

/** Where the vectors before stand while others are put in their place. */
const asideOf = (folder: string): string => `${folder}.old`;

/**
 * Reads the vectors below `folder`, or those that a cut write left aside: only of this very model, and only when every byte is what its digest says, for a
 * damaged graph is read without an error and leads astray. Up to `exactUpTo` vectors the graph is left where it is: nobody would follow it. Never throws: what does not fit is left behind and made again.
 */
export function readVectors(
  folder: string,
  embedder: Pick<Embedder, "id" | "digest" | "dims">,
  library: ReturnType<typeof loadHnswlib>,
  exactUpTo = 0,
): FoundVectors {
  const found = readFolder(folder, embedder, library, exactUpTo);
  if (found.known !== null) return found;
  const before = readFolder(asideOf(folder), embedder, library, exactUpTo);
  return { ...before, damage: found.damage ?? before.damage };
}

function readFolder(
  folder: string,
  embedder: Pick<Embedder, "id" | "digest" | "dims">,
  library: ReturnType<typeof loadHnswlib>,
  exactUpTo: number,
): FoundVectors {
  if (!existsSync(path.join(folder, MANIFEST))) return NOTHING;
  try {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(folder, MANIFEST), "utf8")));
    const { model, digest, dims } = manifest;
    if (model !== embedder.id || digest !== embedder.digest || dims !== embedder.dims) return NOTHING;
    const known = decodeRows(readProven(folder, ROWS, manifest), manifest);
    return { known, ...readGraph(folder, manifest, manifest.rows > exactUpTo ? library : null) };
  } catch (error) {
    return { ...NOTHING, damage: `vectors: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readGraph(
  folder: string,
  manifest: Manifest,
  library: ReturnType<typeof loadHnswlib>,
): Pick<FoundVectors, "graph" | "damage"> {
  if (library === null || manifest.graph === 0 || manifest.neighbours !== GRAPH.neighbours)
    return { graph: null, damage: null };
  try {
    readProven(folder, GRAPH_FILE, manifest);
    const { dims, graph: count, dead } = manifest;
    return { graph: HnswGraph.read(library, path.join(folder, GRAPH_FILE), { dims, count, dead }), damage: null };
  } catch (error) {
    return { graph: null, damage: `vectors: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Writes all vectors and the graph beside what is kept, then puts them in its place. A cut at any moment leaves the old ones or the new. */
export async function writeVectors(
  folder: string,
  embedder: Pick<Embedder, "id" | "digest" | "dims">,
  rows: readonly KeptRow[],
  graph: HnswGraph | null,
): Promise<void> {
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const encoded = encodeRows(rows, embedder.dims);
  await writeFlushed(path.join(draft, ROWS), encoded);
  const files: Record<string, z.infer<typeof fileSchema>> = { [ROWS]: factsOf(encoded) };
  if (graph !== null) {
    const file = path.join(draft, GRAPH_FILE);
    await graph.write(file);
    files[GRAPH_FILE] = factsOf(await readFile(file));
  }
  const manifest: Manifest = {
    format: FORMAT,
    model: embedder.id,
    digest: embedder.digest,
    dims: embedder.dims,
    rows: rows.length,
    graph: graph?.count ?? 0,
    dead: [...(graph?.dead ?? [])],
    neighbours: GRAPH.neighbours,
    files,
  };
  writeDurably(path.join(draft, MANIFEST), JSON.stringify(manifest));
  flushFolder(draft);
  // What stands aside is all there is while nothing stands in place: it goes only when something does.
  const aside = asideOf(folder);
  if (existsSync(folder)) {
    rmSync(aside, { recursive: true, force: true });
    renameSync(folder, aside);
  }
  renameSync(draft, folder);
  flushFolder(path.dirname(folder));
  rmSync(aside, { recursive: true, force: true });
}

function readProven(folder: string, name: string, { files }: Manifest): Buffer {
  const bytes = readFileSync(path.join(folder, name));
  const facts = factsOf(bytes);
  if (files[name]?.bytes !== facts.bytes || files[name]?.sha256 !== facts.sha256)
    throw new Error(`${name} is not what its digest says`);
  return bytes;
}

function factsOf(bytes: Uint8Array): z.infer<typeof fileSchema> {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function writeFlushed(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Labels, then scales, then keys, then one byte a number: what the index holds, and no more. */
function encodeRows(rows: readonly KeptRow[], dims: number): Buffer {
  const labels = Int32Array.from(rows, ({ label }) => label);
  const scales = Float32Array.from(rows, ({ vector }) => vector.scale);
  const keys = Buffer.alloc(rows.length * KEY_BYTES);
  const bytes = new Int8Array(rows.length * dims);
  for (const [at, { key, vector }] of rows.entries()) {
    keys.set(Buffer.from(key, "base64url"), at * KEY_BYTES);
    bytes.set(vector.bytes, at * dims);
  }
  return Buffer.concat(
    [labels, scales, keys, bytes].map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
}

function decodeRows(bytes: Buffer, { rows, dims }: Manifest): KnownVectors {
  if (bytes.length !== rows * (8 + KEY_BYTES + dims)) throw new Error(`${ROWS} does not hold ${rows} vectors`);
  const buffer = new Uint8Array(bytes).buffer;
  const labels = new Int32Array(buffer, 0, rows);
  const scales = new Float32Array(buffer, rows * 4, rows);
  const vectors = new Int8Array(buffer, rows * (8 + KEY_BYTES));
  const keyAt = (row: number): string => {
    const from = rows * 8 + row * KEY_BYTES;
    return bytes.toString("base64url", from, from + KEY_BYTES);
  };
  return new KnownVectors(
    Array.from({ length: rows }, (_, row) => [keyAt(row), row] as const),
    (row) => ({
      vector: { bytes: vectors.subarray(row * dims, (row + 1) * dims), scale: scales[row] ?? 0 },
      label: labels[row] ?? -1,
    }),
  );
}
