import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { takeWrite } from "./take-write.ts";
import { verifyLog } from "./verify-log.ts";

let checkout: string;

beforeEach(() => {
  checkout = temporaryFolder();
  for (const name of ["memory", "log"]) mkdirSync(join(checkout, name));
  writeFileSync(join(checkout, "memory", "README.md"), "# Memory\n");
});

const id = "1764443482123-9f3c2ab19f3c2ab1";
const at = "2025-11-29T19:11:22.123Z";
const read = (name: string): string => readFileSync(join(checkout, name), "utf8");
const memory = {
  kind: "memory",
  path: "memory/ports.md",
  title: "Ports prove nothing",
  body: "Ask who answers.",
  tags: ["health"],
  supersedes: [],
  agent: "kiln-1",
  date: "2025-11-29",
  if_match: null,
};

test("a memory that waited becomes its file and its line in the index, with the day and the agent it was sent with", async () => {
  const taken = { id, outcome: "taken", path: "memory/ports.md" };
  expect(await takeWrite(checkout, { id, at, write: memory })).toEqual(taken);
  expect(read("memory/ports.md")).toBe(
    "---\ndate: 2025-11-29\ntags:\n  - health\nagent: kiln-1\n---\n# Ports prove nothing\n\nAsk who answers.\n",
  );
  expect(read("memory/README.md")).toContain("](ports.md)");
  // Killed before it could say so: the same again.
  expect(await takeWrite(checkout, { id, at, write: memory })).toEqual(taken);
  expect(read("memory/README.md").match(/ports\.md/g)).toHaveLength(1);
});

test("what stands there by now is not replaced: the write is refused by name", async () => {
  writeFileSync(join(checkout, "memory", "ports.md"), "# By hand\n");
  expect(await takeWrite(checkout, { id, at, write: memory })).toEqual({
    id,
    outcome: "refused",
    code: "DESTRUCTIVE_REFUSED",
    message: "memory/ports.md exists.",
  });
  expect(read("memory/ports.md")).toBe("# By hand\n");
});

test("an entry that waited is appended once, chained, and says when it was sent", async () => {
  const write = { kind: "log", title: "Numbat seen", body: "Twice." };
  const first = await takeWrite(checkout, { id, at, write });
  expect(await takeWrite(checkout, { id, at, write })).toEqual(first);
  expect(verifyLog(join(checkout, "log"))).toMatchObject({ records: 1, problems: [] });
  const [day = ""] = readdirSync(join(checkout, "log")).filter((name) => name.endsWith(".md"));
  expect(first).toMatchObject({ outcome: "taken", path: `log/${day}` });
  expect(read(`log/${day}`)).toContain(`Twice.\n\n(sent to search ${at}, ${id})\n`);
});

test.each([
  ["a path that leads out", { ...memory, path: "memory/../CLAUDE.md" }],
  ["a path elsewhere", { ...memory, path: "docs/rag.md" }],
  ["a title of two lines", { ...memory, title: "One\n# Two" }],
  ["an entry without a title", { kind: "log", title: "", body: "" }],
  ["something else", { kind: "shell", title: "rm", body: "" }],
  ["nothing", null],
])("a service that was taken over gets nothing else written: %s", async (_, write) => {
  expect(await takeWrite(checkout, { id, at, write })).toMatchObject({ outcome: "refused", code: "USAGE_INVALID" });
  expect([readdirSync(checkout).sort(), readdirSync(join(checkout, "log"))]).toEqual([["log", "memory"], []]);
  expect(readdirSync(join(checkout, "memory"))).toEqual(["README.md"]);
});
