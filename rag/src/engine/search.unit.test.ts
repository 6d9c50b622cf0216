import { expect, test } from "vitest";
import { decodeDocument } from "../corpus/read-file.ts";
import { citationOf, textOf } from "./passage.ts";
import { PassageStore } from "./passage-store.ts";
import { search } from "./search.ts";

const FILES: Readonly<Record<string, string>> = {
  "memory/ports.md": "---\ntags: [health]\n---\n# A port proves nothing\n\nAssert identity, not a 200.\n",
  "memory/claims.md": "# Claims\n\nThe fence is the claim_epoch of the row.\n",
  "memory/pool-old.md":
    "---\ndate: 2026-01-01\n---\n# Pool size\n\nThe pool size is twenty connections, the pool size.\n",
  "memory/pool-new.md": "---\ndate: 2026-04-01\nsupersedes: pool-old\n---\n# Eight\n\nThe pool holds eight.\n",
  "memory/long.md": `# Long\n\n${"The incident was handled by people who wrote reports about ports. ".repeat(3)}`,
  "memory/kiln.md": "---\nagent: kiln-1\nproject: hearth\ntype: decision\n---\n# Kiln\n\nThe enamel cracked.\n",
  "memory/oven.md": "---\nagent: oven-2\nproject: bakery\ntype: lesson\n---\n# Oven\n\nThe enamel held.\n",
  "memory/nobody.md": "# Nobody\n\nThe enamel is blue.\n",
  "log/2026-04-02.md": "# Day\n\n## 10:00 Ports\n\nThe port was taken by another engine. Ticket PAY-311.\n",
  "log/2026-05-02.md": "# Day\n\n## 10:00 Pool\n\nNothing `ERROR: pool is empty` new.\n",
};

function fill(paths: readonly string[] = Object.keys(FILES)): PassageStore {
  const store = new PassageStore();
  for (const path of paths) put(store, path, FILES[path] ?? "");
  return store;
}

function put(store: PassageStore, path: string, text: string): void {
  const collection = path.startsWith("log/") ? "log" : "memory";
  const result = decodeDocument({ collection, path }, Buffer.from(text));
  if (result.ok) store.put(result.document);
}

const paths = (store: PassageStore, query: string, limit = 10): string[] =>
  search(store, null, { query, limit }).map((hit) => hit.path);

test("a match in a heading ranks above one in the text", () => {
  expect(paths(fill(), "port")[0]).toBe("memory/ports.md");
});

test("a hit cites its lines and knows its headings, tags and time", () => {
  const [hit] = search(fill(), null, { query: "PAY-311", limit: 1 });
  expect(hit).toMatchObject({
    citation: "log/2026-04-02.md#L1-L5",
    lines: { start: 1, end: 5 },
    headings: ["Day", "10:00 Ports"],
    at: "2026-04-02T10:00:00.000Z",
    superseded_by: null,
  });
});

test("a name from code is found whole, in parts and in another spelling", () => {
  for (const query of ["claim_epoch", "claimEpoch", "epoch"]) expect(paths(fill(), query)[0]).toBe("memory/claims.md");
});

test("an exact id comes first whatever else the question says", () => {
  expect(paths(fill(), "incident reports about people PAY-311").slice(0, 3)).toContain("log/2026-04-02.md");
  expect(paths(fill(), "PAY-311")[0]).toBe("log/2026-04-02.md");
});

test("a passage that holds the whole question comes first", () => {
  expect(paths(fill(), "ERROR: pool is empty")[0]).toBe("log/2026-05-02.md");
});

test("a fact that was replaced never stands above what replaced it", () => {
  for (const query of ["pool size", "twenty connections", "size of the connection pool"]) {
    const found = paths(fill(), query);
    expect(found.indexOf("memory/pool-new.md")).toBeGreaterThanOrEqual(0);
    expect(found.indexOf("memory/pool-new.md")).toBeLessThan(found.indexOf("memory/pool-old.md"));
  }
  const old = search(fill(), null, { query: "twenty", limit: 5 }).find((hit) => hit.path === "memory/pool-old.md");
  expect(old?.superseded_by).toBe("memory/pool-new.md");
});

test.each([
  ["port in:log", ["log/2026-04-02.md"]],
  ["port tag:health", ["memory/ports.md"]],
  ["port after:2026-04-01", ["log/2026-04-02.md"]],
  ["pool before:2026-02-01", ["memory/pool-old.md"]],
  ["port path:memory/long", ["memory/long.md"]],
  ['"taken by another" port', ["log/2026-04-02.md"]],
  ["port -identity -reports", ["log/2026-04-02.md"]],
  ["enamel agent:kiln-1", ["memory/kiln.md"]],
  ["enamel project:bakery", ["memory/oven.md"]],
  ["enamel type:decision", ["memory/kiln.md"]],
  ["enamel agent:kiln-1 type:lesson", []],
  ["zeppelin", []],
  ["of the and", []],
])("%s finds %j", (query, expected) => {
  expect(paths(fill(), query)).toEqual(expected);
});

test.each([
  [{ agent: "oven-2" }, ["memory/oven.md"]],
  [{ project: "hearth" }, ["memory/kiln.md"]],
  [{ type: "lesson" }, ["memory/oven.md"]],
  [{ agent: "kiln-1", project: "bakery" }, []],
])("the filter %j leaves %j", (filters, expected) => {
  expect(search(fill(), null, { query: "enamel", limit: 10, filters }).map((hit) => hit.path)).toEqual(expected);
});

test("the answer does not depend on the order of the files, nor on what came and went before", async () => {
  const queries = ["the port of the claim", "pool", "reports about incidents and people with ports"];
  const answers = (store: PassageStore) => queries.map((query) => search(store, null, { query, limit: 10 }));
  const backwards = fill(Object.keys(FILES).reverse());
  put(backwards, "memory/gone.md", "# Pool of ports\n\nport port pool\n");
  put(backwards, "memory/claims.md", "# Something else\n\nport\n");
  put(backwards, "memory/claims.md", FILES["memory/claims.md"] ?? "");
  backwards.remove("memory/gone.md");
  expect(answers(backwards)).toEqual(answers(fill()));
  expect(answers(await backwards.compacted())).toEqual(answers(fill()));
});

test("no more than two passages of one document, and none twice under another name", () => {
  const store = fill();
  put(store, "memory/many.md", Array.from({ length: 6 }, (_, part) => `# Part ${part}\n\nzebra ${part}\n`).join("\n"));
  put(store, "memory/copy.md", "# Part 0\n\nzebra 0\n");
  expect(paths(store, "zebra").filter((path) => path === "memory/many.md").length).toBeLessThanOrEqual(2);
  expect(search(store, null, { query: "zebra", limit: 10 }).filter((hit) => hit.text.endsWith("zebra 0"))).toHaveLength(
    1,
  );
});

test("explain says what each part gave", () => {
  const [hit] = search(fill(), null, { query: "PAY-311", limit: 1, explain: true });
  expect(hit?.explain).toMatchObject({ lexical: { rank: 1 }, dense: null, exactness: 2, terms: { "=pay-311": 1.5 } });
});

test("every passage of every document is cited with its own text", () => {
  for (const document of fill().all()) {
    for (const passage of document.passages) {
      const [, start, end] = /#L(\d+)-L(\d+)$/.exec(citationOf(passage)) ?? [];
      const lines = document.source.content.split("\n").slice(Number(start) - 1, Number(end));
      expect(textOf(passage)).toBe(lines.join("\n"));
    }
  }
});
