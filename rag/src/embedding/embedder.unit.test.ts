import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Embedder } from "./embedder.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";
import { VectorIndex } from "./vector-index.ts";

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);

/** Every implementation of Embedder stands in this list. */
const EMBEDDERS: readonly [string, () => Embedder | null][] = [
  ["static", () => loadStaticEmbedder(SHIPPED_MODEL).embedder],
];

describe.each(EMBEDDERS)("%s", (_name, load) => {
  const embedder = load();
  const embed = (text: string): Float32Array => embedder?.embed(text) ?? new Float32Array(0);

  test("vectors have the length one, or nothing when no word is known", () => {
    for (const text of ["a database", "Ports prove nothing.", "x".repeat(50_000), "word ".repeat(10_000)]) {
      const vector = embed(text);
      expect(vector).toHaveLength(embedder?.dims ?? -1);
      expect([0, 1]).toContain(Math.round(dot(vector, vector) * 1e5) / 1e5);
    }
    expect(dot(embed("漢字 12345"), embed("漢字 12345"))).toBe(0);
  });

  test("the same text gives the same vector whatever was embedded before, in any case", () => {
    const before = embed("roll back a release");
    embed("something else");
    expect(embed("Roll back a RELEASE")).toEqual(before);
  });

  test("what means alike is nearer than what does not", () => {
    const closer = (text: string, like: string, unlike: string): void =>
      expect(dot(embed(text), embed(like))).toBeGreaterThan(dot(embed(text), embed(unlike)));
    closer("the customer was billed twice", "a payment was charged two times", "the printer lost its font");
    closer("truck drivers and parcels", "delivery of packages by lorry", "password hashing parameters");
    closer("database connections", "sql server pool", "birds in the forest");
  });
});

describe("a model that cannot be trusted", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "muster-model-"));
    for (const name of ["elk-static-v2.json", "elk-static-v2.bin"])
      copyFileSync(new URL(name, SHIPPED_MODEL), path.join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const stateOf = (): string => loadStaticEmbedder(pathToFileURL(path.join(folder, "elk-static-v2.json"))).state;
  const at = (name: string): string => path.join(folder, name);

  test("is not used: a flipped bit, a cut file, an absent one, another model's sentences", () => {
    expect(stateOf()).toBe("verified");
    const bytes = readFileSync(at("elk-static-v2.bin"));
    writeFileSync(at("elk-static-v2.bin"), bytes.with(5_000_000, 1));
    expect(stateOf()).toBe("unverified");
    writeFileSync(at("elk-static-v2.bin"), bytes.subarray(0, 1_000));
    expect(stateOf()).toBe("unverified");
    rmSync(at("elk-static-v2.bin"));
    expect(stateOf()).toBe("missing");
    writeFileSync(at("elk-static-v2.bin"), bytes);
    const card = readFileSync(at("elk-static-v2.json"), "utf8");
    writeFileSync(at("elk-static-v2.json"), card.replace("Zebra printer labels", "Quokkas in the wild"));
    expect(stateOf()).toBe("unverified");
    writeFileSync(at("elk-static-v2.json"), "{");
    expect(stateOf()).toBe("missing");
  });
});

test("the vector index finds what comparing everything finds, and loses what is taken out", () => {
  const index = new VectorIndex(2);
  for (let slot = 0; slot < 1_000; slot++) index.set(slot, Float32Array.of(Math.cos(slot), Math.sin(slot)));
  index.remove(44);
  const query = Float32Array.of(1, 0);
  const alike = (slot: number): number => Math.cos(slot);
  const best = Array.from({ length: 1_000 }, (_, slot) => slot)
    .filter((slot) => slot !== 44 && slot % 2 === 0)
    .sort((a, b) => alike(b) - alike(a));
  const found = index.nearest(query, 10, (slot) => slot % 2 === 0);
  // A vector is kept in bytes: what it finds may be less alike than the best by what a byte rounds off.
  expect(found).toHaveLength(10);
  for (const [place, { slot, score }] of found.entries()) {
    expect(slot).not.toBe(44);
    expect(alike(slot)).toBeGreaterThan(alike(best[place] ?? 0) - 0.01);
    expect(score).toBeCloseTo(alike(slot), 2);
  }
  expect(index.likeness(2, 2)).toBeCloseTo(1, 2);
  expect(index.likeness(2, 44)).toBe(0);
  expect([index.size, index.isSet(44), index.isSet(5_000)]).toEqual([999, false, false]);
});
