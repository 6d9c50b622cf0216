import { describe, expect, test } from "vitest";
import type { Embedder } from "../src/embedding/embedder.ts";
import { dot } from "./likeness.ts";

/** Rounding of another processor or of another batch; never another model. */
const SAME = 1e-4;

/** What every Embedder must do, whatever runs it. `load` is called once a test and may answer the same one each time. */
export function testEmbedder(name: string, load: () => Promise<Embedder>): void {
  describe(`${name}: an embedder`, () => {
    test("vectors have the length one, or nothing when no word is known, whatever the text", async () => {
      const embedder = await load();
      const texts = [
        "a database",
        "Ports prove nothing.",
        "",
        "x".repeat(50_000),
        "word ".repeat(10_000),
        "漢字 \u0000 12345",
      ];
      const vectors = await embedder.embedPassages(texts);
      expect(vectors).toHaveLength(texts.length);
      for (const vector of [...vectors, await embedder.embedQuery("a database")]) {
        expect(vector).toHaveLength(embedder.dims);
        expect([0, 1]).toContain(Math.round(dot(vector, vector) * 1e4) / 1e4);
      }
      expect(await embedder.embedPassages([])).toEqual([]);
    });

    test("the same text gives the same vector whatever it is embedded with", async () => {
      const embedder = await load();
      const [alone] = await embedder.embedPassages(["roll back a release"]);
      const together = await embedder.embedPassages(["something else", "word ".repeat(300), "roll back a release"]);
      for (let k = 0; k < embedder.dims; k++)
        expect(Math.abs((alone?.[k] ?? 1) - (together[2]?.[k] ?? 0))).toBeLessThan(SAME);
    });

    test("many at once are answered each with its own", async () => {
      const embedder = await load();
      const texts = ["truck drivers", "password hashing", "birds in the forest", "database connections"];
      const one = await Promise.all(texts.map((text) => embedder.embedPassages([text])));
      const all = await embedder.embedPassages(texts);
      for (const [at, vector] of all.entries())
        expect(dot(vector, one[at]?.[0] ?? vector.map(() => 0))).toBeGreaterThan(0.999);
    });

    test("what means alike is nearer than what does not", async () => {
      const embedder = await load();
      const closer = async (text: string, like: string, unlike: string): Promise<void> => {
        const query = await embedder.embedQuery(text);
        const [near, far] = await embedder.embedPassages([like, unlike]);
        expect(dot(query, near ?? query)).toBeGreaterThan(dot(query, far ?? query));
      };
      await closer("the customer was billed twice", "a payment was charged two times", "the printer lost its font");
      await closer("truck drivers and parcels", "delivery of packages by lorry", "password hashing parameters");
      await closer("database connections", "sql server pool", "birds in the forest");
    });
  });
}
