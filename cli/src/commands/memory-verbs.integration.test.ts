/** The commands of memory and log over a checkout that search reads itself, with the exit codes that scripts rely on. No service runs. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Command } from "./command.ts";
import { logAppend, logTail, logVerify } from "./log-verbs.ts";
import { memoryEdit } from "./memory-edit.ts";
import { memoryConflicts, memoryLint } from "./memory-inspect.ts";
import { memoryNew } from "./memory-new.ts";
import { memorySupersede } from "./memory-supersede.ts";

let loaded: LoadedConfig;

beforeEach(() => {
  const checkout = temporaryFolder();
  for (const name of ["memory", "log"]) mkdirSync(join(checkout, name));
  writeFileSync(join(checkout, "package.json"), '{"version":"0.1.0"}');
  writeFileSync(join(checkout, "memory", "README.md"), "# Memory\n");
  loaded = loadConfig({ checkout, isRoot: false, environment: {} });
});

const at = (name: string): string => join(loaded.checkout, name);
const read = (name: string): string => readFileSync(at(name), "utf8");

async function run(command: Command, args: readonly string[] = [], options: object = {}) {
  const signal = new AbortController().signal;
  const answer = await command.run({ args, options: { ...options }, loaded, reporter: recordingReporter(), signal });
  return { exit: answer.exit, data: answer.data as Record<string, unknown>, lines: answer.lines };
}

const bites = { title: "Quokkas bite", body: "Wear gloves in the server room at night." };

test("memory new writes the file once, and names what says nearly the same", async () => {
  const first = await run(memoryNew, [], { ...bites, tags: "animals,zoo" });
  expect(first).toMatchObject({ exit: 0, data: { ok: true, changed: 1, path: "memory/quokkas-bite.md", notes: [] } });
  expect(read("memory/README.md")).toContain("- [Quokkas bite](quokkas-bite.md): Wear gloves");
  await expect(run(memoryNew, [], { ...bites, body: "They do not." })).rejects.toMatchObject({
    code: "DESTRUCTIVE_REFUSED",
  });
  const twin = await run(memoryNew, [], { ...bites, title: "Quokkas bite again" });
  expect(twin).toMatchObject({ exit: 0, data: { changed: 1, notes: [expect.stringContaining("nearly the same")] } });
  await expect(run(memoryNew, [], { title: "Two\nlines", body: "x" })).rejects.toMatchObject({ code: "USAGE_INVALID" });
});

test("memory edit replaces what was read and keeps the rest of its front matter; supersede leaves the old one", async () => {
  const { data } = await run(memoryNew, [], { ...bites, tags: "animals" });
  writeFileSync(at("memory/quokkas-bite.md"), read("memory/quokkas-bite.md").replace("tags:", "agent: kiln-1\ntags:"));
  const edit = (ifMatch: unknown) => run(memoryEdit, ["quokkas-bite"], { body: "Wear mittens.", ifMatch });
  await expect(edit(data["sha256"])).rejects.toMatchObject({ code: "DESTRUCTIVE_REFUSED" });
  const now = await edit("0".repeat(64)).catch((error) => error.facts.sha256);
  expect(await edit(now)).toMatchObject({ exit: 0, data: { changed: 1 } });
  expect(read("memory/quokkas-bite.md")).toMatch(
    /tags:\n {2}- animals\nagent: kiln-1\n---\n# Quokkas bite\n\nWear mittens/,
  );
  const kind = { title: "Quokkas are kind", body: "No gloves are needed." };
  expect(await run(memorySupersede, ["quokkas-bite"], kind)).toMatchObject({ exit: 0 });
  expect(read("memory/quokkas-are-kind.md")).toContain("supersedes:\n  - memory/quokkas-bite.md\n");
  await expect(run(memorySupersede, ["none"], kind)).rejects.toMatchObject({ code: "USAGE_INVALID" });
});

test("memory conflicts and lint end with 0 when all is well, and with 3 and the names when it is not", async () => {
  await run(memoryNew, [], bites);
  for (const command of [memoryConflicts, memoryLint]) {
    expect(await run(command)).toMatchObject({ exit: 0, data: { ok: true, checked: 1, problems: [] } });
  }
  writeFileSync(at("memory/stray.md"), "---\nsupersedes: [gone]\n---\nSeen yesterday.\n");
  expect(await run(memoryConflicts)).toMatchObject({
    exit: 3,
    data: { ok: false, problems: [{ kind: "supersedes_nothing", name: "stray.md" }] },
  });
  const { exit, data, lines } = await run(memoryLint);
  expect([exit, (data["problems"] as { kind: string }[]).map(({ kind }) => kind)]).toEqual([
    3,
    ["no_title", "not_in_index", "relative_date"],
  ]);
  expect(lines.at(-1)).toBe("2 memories, 3 problems");
});

test("log append, tail and verify: entries in order, a hand's text named without a fault, an edit with exit 3", async () => {
  for (const title of ["Numbat seen", "Wombat seen", "Okapi seen"]) {
    expect(await run(logAppend, [], { title, body: "x" })).toMatchObject({ exit: 0, data: { ok: true } });
  }
  const tail = await run(logTail, [], { entries: "2" });
  expect(tail).toMatchObject({
    exit: 0,
    data: {
      entries: [{ text: expect.stringContaining("Wombat seen") }, { text: expect.stringContaining("Okapi seen") }],
    },
  });
  await expect(run(logTail, [], { entries: "none" })).rejects.toMatchObject({ code: "USAGE_INVALID" });
  expect(await run(logVerify)).toMatchObject({ exit: 0, data: { ok: true, records: 3, problems: [] } });
  const day = `log/${readdirSync(at("log")).find((name) => name.endsWith(".md"))}`;
  appendFileSync(at(day), "\nby hand\n");
  expect(await run(logVerify)).toMatchObject({ exit: 0, data: { ok: true, problems: [{ kind: "unchained" }] } });
  writeFileSync(at(day), read(day).replace("Wombat", "Dingo!"));
  expect(await run(logVerify)).toMatchObject({
    exit: 3,
    data: { ok: false, problems: expect.arrayContaining([expect.objectContaining({ kind: "edited", n: 2 })]) },
  });
});
