import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Embedder } from "../../src/embedding/embedder.ts";

/** Texts of one question to the thread. More at once fall out of the processor's cache. */
const TOGETHER = 8;
/** A part this large is written down: what was made is not lost when a run is stopped. */
const PART = 4_096;

/** The teacher's vector of each text, one after the other. What was made once is taken from `cache`, a folder. */
export async function askTeacher(
  teacher: Embedder,
  texts: readonly string[],
  cache: string,
  told: (line: string) => void,
): Promise<Float32Array> {
  const { dims } = teacher;
  const vectors = new Float32Array(texts.length * dims);
  mkdirSync(cache, { recursive: true });
  for (let from = 0; from < texts.length; from += PART) {
    const part = texts.slice(from, from + PART);
    const key = createHash("sha256")
      .update(JSON.stringify([teacher.digest, part]))
      .digest("hex")
      .slice(0, 32);
    const file = join(cache, `${key}.f32`);
    if (!existsSync(file)) {
      writeFileSync(`${file}.part`, Buffer.from((await askPart(teacher, part)).buffer));
      renameSync(`${file}.part`, file);
    }
    vectors.set(new Float32Array(new Uint8Array(readFileSync(file)).buffer), from * dims);
    told(`taught ${Math.min(from + PART, texts.length)} of ${texts.length}`);
  }
  return vectors;
}

/** Texts of one length go together: a shorter one would be filled up to the longest. */
async function askPart(teacher: Embedder, texts: readonly string[]): Promise<Float32Array> {
  const { dims } = teacher;
  const vectors = new Float32Array(texts.length * dims);
  const order = texts.map((_text, at) => at).sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0) || a - b);
  for (let from = 0; from < order.length; from += TOGETHER) {
    const places = order.slice(from, from + TOGETHER);
    const made = await teacher.embedPassages(places.map((at) => texts[at] ?? ""));
    for (const [turn, at] of places.entries()) vectors.set(made[turn] ?? new Float32Array(dims), at * dims);
  }
  return vectors;
}
