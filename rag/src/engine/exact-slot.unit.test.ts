import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDocument } from "../corpus/read-file.ts";
import { PassageStore } from "./passage-store.ts";
import { type DenseLeg, type SearchRequest, search } from "./search.ts";

/** More than the legs give as candidates. */
const DECOYS = 100;
const WORDS = "incident report people port engine claim fence board memory pool vector lease health watch".split(" ");
const NAMES = ["PAY-311", "cli/src/main.ts", "v12.4.1", "9f3c2ab7", "E_POOL_EMPTY", "claim_epoch", "roundHalfEven"];
const MODES = ["auto", "lexical", "dense"] as const;

const questions = fc.record({
  name: fc.constantFrom(...NAMES),
  words: fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 3, maxLength: 10 }),
  at: fc.nat(10),
  mode: fc.constantFrom(...MODES),
  limit: fc.integer({ min: 3, max: 10 }),
});

function put(store: PassageStore, path: string, text: string): void {
  const result = decodeDocument({ collection: "memory", path }, Buffer.from(text));
  if (result.ok) store.put(result.document);
}

/** A hundred short notes that say each of the words again and again, and one long one that says something once among much else. */
function fill(words: readonly string[], once: string): PassageStore {
  const store = new PassageStore();
  for (let n = 0; n < DECOYS; n++)
    put(store, `memory/decoy-${n}.md`, `# ${words.join(" ")}\n\n${words.join(", ")} ${n}.\n`);
  const padding = "Nothing of this has to do with what was asked for. ".repeat(25);
  put(store, "memory/target.md", `# Target\n\n${padding}${once} ${padding}\n`);
  return store;
}

/** A model to which every decoy is more alike than the note that is looked for. */
function misled(store: PassageStore): DenseLeg {
  return {
    fusion: { sure: 0.3, unsure: 0.6 },
    likeness: () => 0,
    nearest: (limit, accepts) =>
      [...store.all()]
        .flatMap(({ passages }) => passages.map(({ slot }) => slot))
        .filter((slot) => accepts(slot) && store.passageAt(slot)?.document.source.path !== "memory/target.md")
        .slice(0, limit)
        .map((slot, rank) => ({ slot, score: 0.9 - rank / 1_000 })),
  };
}

const rankOf = (store: PassageStore, dense: DenseLeg | null, request: SearchRequest): number =>
  search(store, dense, request).findIndex(({ path }) => path === "memory/target.md") + 1;

test("a rare name of the question is among the first three, whatever else it says and however it is searched", () => {
  fc.assert(
    fc.property(questions, ({ name, words, at, mode, limit }) => {
      const store = fill(words, `It was ${name} again.`);
      const query = words.toSpliced(at, 0, name).join(" ");
      for (const dense of [null, misled(store)]) {
        const rank = rankOf(store, dense, { query, limit, mode });
        expect([1, 2, 3], `${query} by ${mode}`).toContain(rank);
      }
    }),
    { numRuns: 25, seed: 41 },
  );
});

test("a word with capitals in it is a name where it is all that is asked for, and beside others only when it begins small", () => {
  const store = fill(WORDS.slice(0, 3), "It was GitHub, not toSafeInteger.");
  const ask = (query: string) => rankOf(store, misled(store), { query, limit: 3, mode: "dense" });
  expect([ask("GitHub"), ask("toSafeInteger"), ask("port toSafeInteger"), ask("port GitHub"), ask("port 12")]).toEqual([
    1,
    1,
    expect.toBeOneOf([1, 2, 3]),
    0,
    0,
  ]);
});

test("a passage that holds the whole question comes first, whatever else holds its words and however it is searched", () => {
  fc.assert(
    fc.property(questions, ({ words, mode, limit }) => {
      const query = words.slice(0, 4).join(" to the ");
      const store = fill(words, `Then ${query.toUpperCase()} came.`);
      for (const dense of [null, misled(store)]) expect(rankOf(store, dense, { query, limit, mode })).toBe(1);
    }),
    { numRuns: 25, seed: 41 },
  );
});

test("a rare name lifts nothing that the filters, the question or the board leave out", () => {
  const name = "PAY-311";
  const store = fill(WORDS.slice(0, 3), `It was ${name} again.`);
  const query = `${WORDS.slice(0, 3).join(" ")} ${name}`;
  const leftOut: Partial<SearchRequest>[] = [
    { filters: { tags: ["none"] } },
    { filters: { path: "memory/decoy" } },
    { query: `${query} -asked` },
    { except: { collections: new Set(), paths: new Set(["memory/target.md"]) } },
    { except: { collections: new Set(["memory"]), paths: new Set() } },
  ];
  for (const mode of MODES) {
    for (const dense of [null, misled(store)]) {
      expect(rankOf(store, dense, { query, limit: 10, mode })).toBeGreaterThan(0);
      for (const more of leftOut) expect(rankOf(store, dense, { query, limit: 10, mode, ...more })).toBe(0);
    }
  }
});
