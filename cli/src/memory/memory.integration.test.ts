import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { appendLog as appendAsService } from "../../../rag/src/log/append-log.ts";
import { renderMemory as renderAsService, slugOf as slugAsService } from "../../../rag/src/memory/memory-text.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CliError } from "../errors/cli-error.ts";
import { appendLog } from "./append-log.ts";
import { findConflicts, lintMemories } from "./inspect-memories.ts";
import { parseMemory, readMemories, renderMemory, slugOf, writeMemory } from "./memory-folder.ts";
import { verifyLog } from "./verify-log.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const draft = {
  title: "Ports prove nothing",
  body: "Ask who answers. Always.",
  tags: ["health"],
  supersedes: [],
  date: "2026-01-02",
  agent: null,
};

test("a memory is written with its index line, and again changes nothing", async () => {
  writeFileSync(join(folder, "README.md"), "# Memory\n");
  expect(await writeMemory(folder, "ports.md", draft, null)).toBe(true);
  expect(await writeMemory(folder, "ports.md", draft, null)).toBe(false);
  expect(readFileSync(join(folder, "README.md"), "utf8")).toBe(
    "# Memory\n- [Ports prove nothing](ports.md): Ask who answers.\n",
  );
  expect(readMemories(folder)).toMatchObject([
    { name: "ports.md", title: draft.title, tags: ["health"], date: "2026-01-02" },
  ]);
});

test("what exists is replaced only by who has read it", async () => {
  await writeMemory(folder, "ports.md", draft, null);
  const changed = { ...draft, body: "Ask twice." };
  await expect(writeMemory(folder, "ports.md", changed, null)).rejects.toThrow(CliError);
  await expect(writeMemory(folder, "ports.md", changed, "0".repeat(64))).rejects.toThrow("has changed since");
  expect(await writeMemory(folder, "ports.md", changed, readMemories(folder)[0]?.sha256 ?? "")).toBe(true);
});

test("the CLI and the service write the same bytes under the same name", () => {
  const odd = { ...draft, title: "Ünï: 'cøde' #3", tags: ["a: b", "2026"], supersedes: ["memory/x.md"] };
  for (const one of [draft, odd, { ...odd, agent: "kiln-1" }]) {
    expect(renderMemory(one)).toBe(renderAsService(one));
    expect(slugOf(one.title)).toBe(slugAsService(one.title));
  }
});

test("conflicts are named: replaced twice, in a circle, by nothing, and nearly the same", () => {
  const memory = (name: string, supersedes: string[], body: string) =>
    parseMemory(name, renderMemory({ ...draft, title: name, supersedes, body }));
  const kinds = findConflicts([
    memory("a.md", [], "alpha beta gamma delta epsilon zeta"),
    memory("b.md", ["a"], "one"),
    memory("c.md", ["memory/a.md", "gone"], "two"),
    memory("d.md", ["e"], "three"),
    memory("e.md", ["d"], "four"),
    memory("f.md", [], "alpha beta gamma delta epsilon zeta"),
  ]).map(({ kind, name }) => `${kind} ${name}`);
  expect(kinds).toEqual([
    "superseded_twice a.md",
    "supersedes_nothing c.md",
    "circle e.md",
    "circle d.md",
    "nearly_same a.md",
  ]);
});

test("lint names what makes a memory hard to find or to trust", () => {
  const memories = [
    parseMemory("a.md", "# A\n\nSeen yesterday, see [b](gone.md).\n"),
    parseMemory("b.md", "no title\n"),
  ];
  const index = `# Memory\n\n- [A](a.md): ${"long ".repeat(60)}\n- [Gone](gone.md): x\n`;
  expect(lintMemories(memories, index).map(({ kind }) => kind)).toEqual([
    "relative_date",
    "dead_link",
    "no_title",
    "not_in_index",
    "long_index_line",
    "dead_index_line",
  ]);
});

test("the log that the CLI and the service write in turn is one chain", async () => {
  mkdirSync(join(folder, "log"));
  for (let n = 0; n < 6; n++)
    await (n % 2 === 0 ? appendLog : appendAsService)(join(folder, "log"), { title: `Entry ${n}`, body: "x" });
  expect(verifyLog(join(folder, "log"))).toMatchObject({ records: 6, problems: [] });
});
